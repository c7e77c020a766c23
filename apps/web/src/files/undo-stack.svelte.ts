/** What was done with files and can be undone, the latest last. */
export interface Deed {
  /** What it was, as a person would say it: "3 items moved". */
  label: string;
  undo: () => Promise<void>;
}

const kept_max = 50;

export class UndoStack {
  #deeds = $state.raw<readonly Deed[]>([]);
  readonly latest = $derived(this.#deeds.at(-1) ?? null);

  push(deed: Deed): void {
    this.#deeds = [...this.#deeds, deed].slice(-kept_max);
  }

  has(deed: Deed): boolean {
    return this.#deeds.includes(deed);
  }

  /**
   * Undoes one deed, the latest if none is named. It leaves the stack before it is undone, so that a second press
   * cannot undo it twice; if it fails, it is gone all the same, for half of it may have happened.
   */
  async undo(deed: Deed | null = this.latest): Promise<Deed | null> {
    if (!deed || !this.has(deed)) return null;
    this.#deeds = this.#deeds.filter((other) => other !== deed);
    await deed.undo();
    return deed;
  }
}

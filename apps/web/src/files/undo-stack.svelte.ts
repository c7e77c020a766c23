/** What was done with files and can be undone, and what was undone and can be done again, each the latest last. */
export interface Deed {
  /** What it was, as a person would say it: "3 items moved". */
  label: string;
  undo: () => Promise<void>;
  /** After it was undone. */
  redo: () => Promise<void>;
}

const kept_max = 50;

export class UndoStack {
  #deeds = $state.raw<readonly Deed[]>([]);
  #undone = $state.raw<readonly Deed[]>([]);
  readonly latest = $derived(this.#deeds.at(-1) ?? null);
  readonly latestUndone = $derived(this.#undone.at(-1) ?? null);

  /** A new deed. What was undone before it belongs to another story. */
  push(deed: Deed): void {
    this.#deeds = [...this.#deeds, deed].slice(-kept_max);
    this.#undone = [];
  }

  has(deed: Deed): boolean {
    return this.#deeds.includes(deed);
  }

  hasUndone(deed: Deed): boolean {
    return this.#undone.includes(deed);
  }

  /**
   * Undoes one deed, the latest if none is named. It leaves the stack before it is undone, so that a second press
   * cannot undo it twice; if it fails, it is gone all the same, for half of it may have happened.
   */
  async undo(deed: Deed | null = this.latest): Promise<Deed | null> {
    if (!deed || !this.has(deed)) return null;
    this.#deeds = this.#deeds.filter((other) => other !== deed);
    await deed.undo();
    this.#undone = [...this.#undone, deed].slice(-kept_max);
    return deed;
  }

  /** Does again what was undone, under the same rules. */
  async redo(deed: Deed | null = this.latestUndone): Promise<Deed | null> {
    if (!deed || !this.hasUndone(deed)) return null;
    this.#undone = this.#undone.filter((other) => other !== deed);
    await deed.redo();
    this.#deeds = [...this.#deeds, deed].slice(-kept_max);
    return deed;
  }
}

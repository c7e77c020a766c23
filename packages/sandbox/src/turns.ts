/**
 * Who asks gets a number: one above the last of the same key, and above all that were served before. In the order of
 * these numbers the keys take turns, and one that was away is neither punished nor owed anything.
 */
export class Turns {
  #served = 0;
  readonly #last = new Map<string, number>();

  take(key: string): number {
    const turn = Math.max(this.#served, this.#last.get(key) ?? 0) + 1;
    this.#last.set(key, turn);
    return turn;
  }

  serve(turn: number): void {
    if (turn <= this.#served) return;
    this.#served = turn;
    // What is behind says no more than having no entry.
    for (const [key, last] of this.#last) if (last <= turn) this.#last.delete(key);
  }
}

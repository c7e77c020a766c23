/** Timers by name, on the clock of this process. */
export class Timers {
  readonly #set = new Map<string, NodeJS.Timeout>();

  now_ms(): number {
    return Date.now();
  }

  has(name: string): boolean {
    return this.#set.has(name);
  }

  /** Calls back once; a timer of the same name is replaced. */
  set(name: string, delay_ms: number, callback: () => void): void {
    this.clear(name);
    const wait_ms = Math.max(0, delay_ms);
    // Node.js counts to 24.8 days; what is further away is waited for in stretches.
    const next =
      wait_ms > STRETCH_MS
        ? () => this.set(name, wait_ms - STRETCH_MS, callback)
        : () => {
            this.#set.delete(name);
            callback();
          };
    this.#set.set(name, setTimeout(next, Math.min(wait_ms, STRETCH_MS)));
  }

  clear(name: string): void {
    clearTimeout(this.#set.get(name));
    this.#set.delete(name);
  }

  clearAll(): void {
    for (const name of this.#set.keys()) this.clear(name);
  }
}

const STRETCH_MS = 2 ** 31 - 1;

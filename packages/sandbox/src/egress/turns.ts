import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many through in a second, evenly; the others wait for their turn. */
export class Turns {
  readonly #interval_ms: number;
  readonly #saved_ms: number;
  #next = 0;

  /** `saved_ms`: turns of so long that nobody took can be taken at once. */
  constructor(per_s_max: number, saved_ms = 0) {
    this.#interval_ms = 1000 / per_s_max;
    this.#saved_ms = saved_ms;
  }

  async take(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now - this.#saved_ms, this.#next);
    this.#next = turn + this.#interval_ms;
    if (turn > now) await delay(turn - now, undefined, { signal });
  }
}

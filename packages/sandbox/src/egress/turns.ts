import { setTimeout as delay } from 'node:timers/promises';

/** Lets so many through in a second, evenly; the others wait for their turn. */
export class Turns {
  readonly #interval_ms: number;
  #next = 0;

  constructor(per_s_max: number) {
    this.#interval_ms = 1000 / per_s_max;
  }

  async take(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const turn = Math.max(now, this.#next);
    this.#next = turn + this.#interval_ms;
    if (turn > now) await delay(turn - now, undefined, { signal });
  }
}

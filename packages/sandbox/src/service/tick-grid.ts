/**
 * When a service ticks: a start plus one interval, two, three. Late timers and long ticks never add up, and times that
 * have passed meanwhile are left out. All times are of one clock that never jumps.
 */
export class TickGrid {
  readonly #interval_ms: number;
  #next: number;

  constructor(first: number, interval_ms: number) {
    this.#next = first;
    this.#interval_ms = interval_ms;
  }

  get next(): number {
    return this.#next;
  }

  /** To the first time that is still to come. */
  moveOn(now: number): void {
    // Timers fire a moment early at times.
    const late_ms = now - this.#next + 1;
    if (late_ms >= 0) this.#next += (Math.floor(late_ms / this.#interval_ms) + 1) * this.#interval_ms;
  }
}

/** When to try again: later each time, by chance, so that not all desktops come at once when a server is back. */
import { LIMITS } from '@hanabi/protocol';

export class Retry {
  readonly #attempt: () => void;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #now = (): void => {
    if (this.#timer === undefined || document.visibilityState === 'hidden') return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempt();
  };

  constructor(attempt: () => void) {
    this.#attempt = attempt;
  }

  /** From now on a network that is back, and a person who looks, are reasons to try at once. */
  start(): void {
    addEventListener('online', this.#now);
    document.addEventListener('visibilitychange', this.#now);
  }

  stop(): void {
    removeEventListener('online', this.#now);
    document.removeEventListener('visibilitychange', this.#now);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failures = 0;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  later(): void {
    clearTimeout(this.#timer);
    const { live_reconnect_ms_min: min, live_reconnect_ms_max: max } = LIMITS;
    const most = Math.min(max, min * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#attempt();
      },
      most * (0.5 + Math.random() / 2),
    );
  }
}

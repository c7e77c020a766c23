import { HanabiError } from '@hanabi/protocol';

/** A fixed number of places, handed out in the order of asking. */
export class Admission {
  #free: number;
  readonly #waiting = new Set<() => void>();
  readonly #timeout_ms: number;

  constructor(places: number, timeout_ms: number) {
    this.#free = places;
    this.#timeout_ms = timeout_ms;
  }

  /** Settles with a place, to be left exactly once. HANABI-W011 after the timeout, HANABI-W016 on abort. */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    return () => this.#leave();
  }

  #leave(): void {
    const [first] = this.#waiting;
    if (first) first();
    else this.#free += 1;
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiting.delete(admit);
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
      };
      const admit = () => {
        settle();
        resolve();
      };
      const cancel = () => {
        settle();
        reject(new HanabiError('HANABI-W016'));
      };
      const timer = setTimeout(() => {
        settle();
        reject(new HanabiError('HANABI-W011', `waited ${this.#timeout_ms / 1000} s`));
      }, this.#timeout_ms);
      signal.addEventListener('abort', cancel);
      this.#waiting.add(admit);
    });
  }
}

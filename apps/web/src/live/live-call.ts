import { HanabiError, type HanabiEvent, LIMITS } from '@hanabi/protocol';

/** The answer is too large for the channel, and nothing was done: ask over HTTP. */
export class Elsewhere extends Error {}

interface Ways {
  /** Tells the server how many events were taken in all. */
  taken: (count: number) => void;
  /** Whoever called waits no longer. */
  left: () => void;
}

/** Events are confirmed some at a time: often enough that the server never has to wait for a reader that is quick. */
const CONFIRMED_AT_ONCE = LIMITS.job_events_ahead_max / 4;

/** One call on its way: what came for it and has not been taken yet. */
export class LiveCall {
  readonly #wantsBlob: boolean;
  readonly #ways: Ways;
  readonly #waiting: HanabiEvent[] = [];
  #end: { data: unknown } | { error: Error } | null = null;
  #wake: (() => void) | undefined;

  constructor(wantsBlob: boolean, ways: Ways) {
    this.#wantsBlob = wantsBlob;
    this.#ways = ways;
  }

  event(event: HanabiEvent): void {
    this.#waiting.push(event);
    this.#wake?.();
  }

  answer(data: unknown): void {
    this.#settle({ data });
  }

  fail(error: Error): void {
    this.#settle({ error });
  }

  elsewhere(): void {
    this.#settle({ error: new Elsewhere() });
  }

  asContent(bytes: ArrayBuffer): Blob | ArrayBuffer {
    return this.#wantsBlob ? new Blob([bytes]) : bytes;
  }

  async *events(signal: AbortSignal): AsyncGenerator<HanabiEvent, unknown, void> {
    const leave = (): void => {
      if (this.#end) return;
      this.#ways.left();
      this.fail(new HanabiError('HANABI-W016'));
    };
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave);
    let taken = 0;
    try {
      for (;;) {
        const event = this.#waiting.shift();
        if (event) {
          yield event;
          taken += 1;
          if (taken % CONFIRMED_AT_ONCE === 0) this.#ways.taken(taken);
        } else if (!this.#end) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else if ('error' in this.#end) throw this.#end.error;
        else return this.#end.data;
      }
    } finally {
      signal.removeEventListener('abort', leave);
      // Who asked has stopped in the middle.
      leave();
    }
  }

  #settle(end: { data: unknown } | { error: Error }): void {
    this.#end ??= end;
    this.#wake?.();
  }
}

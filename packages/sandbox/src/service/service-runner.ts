/**
 * The life of one service: loaded, set up, ticked on a fixed grid of times, and after a death started anew with growing
 * pauses. Ticks never overlap; those that were missed, by a long tick or a sleeping machine, are left out.
 */
import { type ErrorCode, HanabiError, LIMITS, type ServiceFunction } from '@hanabi/protocol';
import type { ServiceEvent, ServiceSession, ServiceUsage, Told } from './service.ts';
import { TickGrid } from './tick-grid.ts';

export interface RunnerLimits {
  service_tick_ms_max: number;
  service_failures_max: number;
  service_backoff_ms_min: number;
  service_backoff_ms_max: number;
}

export interface RunnerParts {
  open(signal: AbortSignal): Promise<ServiceSession>;
  /** Never throws: what fails is told to the program. */
  answer(method: string, params: unknown): Promise<Told>;
  /** In this order, each one awaited: what is written down before the service goes on. Never throws. */
  tell(news: ServiceNews): Promise<Standing>;
  interval_ms: number;
  /** Of the first tick, by the clock of the day; undefined or past: at once. */
  next_tick_ms?: number | undefined;
  /** Failures in a row before this. */
  failures?: number;
  limits?: RunnerLimits;
}

/**
 * Whose the service is: still this runner's; another one's, so that this one stops; or nobody can tell at the moment,
 * and a tick that is not written down does not happen.
 */
export type Standing = 'kept' | 'lost' | 'unknown';

export type ServiceNews =
  | { kind: 'started' }
  /** A tick begins; the next one is due then, whatever becomes of this one. */
  | { kind: 'ticking'; next_tick_ms: number }
  | { kind: 'ticked'; took_ms: number; usage: ServiceUsage }
  /** It raised, was ended or did not even load. `restart_ms`: when it starts anew; null: it lives on. */
  | { kind: 'failed'; error: HanabiError; traceback: string; failures: number; restart_ms: number | null }
  /** So often that it is not tried again. */
  | { kind: 'gave_up'; error: HanabiError };

/** What the program itself raised: it lives on. */
class Raised extends Error {
  readonly error: HanabiError;
  readonly traceback: string;
  constructor({ message, traceback }: Extract<ServiceEvent, { kind: 'raised' }>) {
    super(message);
    this.error = new HanabiError('HANABI-W008', message.slice(0, 300).toWellFormed());
    this.traceback = traceback;
  }
}

/** Not what the program did: they are waited out, however long that takes. */
const OF_THE_HOST: ReadonlySet<ErrorCode> = new Set(['HANABI-W002', 'HANABI-W015']);

export class ServiceRunner {
  readonly #parts: RunnerParts;
  readonly #limits: RunnerLimits;
  readonly #stopping = new AbortController();
  readonly #grid: TickGrid;
  #failures: number;
  /** Of which each is longer than the last. */
  #pauses: number;
  #wake: (() => void) | undefined;
  #asked = false;
  /** No tick begins any more; one that runs may come to its end. */
  #isLeaving = false;
  #calls = 0;
  #running: Promise<void> | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? LIMITS;
    this.#failures = parts.failures ?? 0;
    this.#pauses = this.#failures;
    const wait_ms = Math.min(Math.max(0, (parts.next_tick_ms ?? 0) - Date.now()), parts.interval_ms);
    this.#grid = new TickGrid(performance.now() + wait_ms, parts.interval_ms);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Settles when nothing of it lives, and nothing more will be told. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await this.#running;
  }

  /** As stop(), with so much time for a tick that runs. */
  async leave(patience_ms: number): Promise<void> {
    this.#isLeaving = true;
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience_ms);
    });
    await Promise.race([this.#running, patience]);
    clearTimeout(timer);
    await this.stop();
  }

  /** One tick as soon as none runs, beside those of the grid. */
  tickNow(): void {
    this.#asked = true;
    this.#wake?.();
  }

  get #isEnding(): boolean {
    return this.#isLeaving || this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!this.#isEnding) {
      let session: ServiceSession | undefined;
      try {
        session = await this.#parts.open(signal);
        await this.#live(session);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // Of the death itself; a program that raises in setup has to be loaded anew as well.
        const failure = error instanceof Raised ? error.error : asHanabiError(error);
        await session?.close();
        const traceback = error instanceof Raised ? error.traceback : '';
        const backoff_ms = await this.#failed(failure, traceback, true);
        if (backoff_ms === undefined) return;
        await this.#sleepUntil(performance.now() + backoff_ms, false);
      } finally {
        await session?.close();
      }
    }
  }

  /** Returns when it is to stop; throws what it died of. */
  async #live(session: ServiceSession): Promise<void> {
    const loaded = await this.#within(session, () => this.#nextOf(session));
    if (loaded?.kind !== 'loaded' || this.#isEnding) return;
    if ((await this.#parts.tell({ kind: 'started' })) === 'lost') return;
    if (loaded.functions.includes('setup')) await this.#call(session, 'setup');
    for (;;) {
      await this.#sleepUntil(this.#grid.next, true);
      if (this.#isEnding) return;
      await this.#tick(session);
    }
  }

  async #tick(session: ServiceSession): Promise<void> {
    this.#asked = false;
    const startedAt = performance.now();
    this.#grid.moveOn(startedAt);
    const standing = await this.#parts.tell({ kind: 'ticking', next_tick_ms: clockOf(this.#grid.next) });
    if (standing === 'lost') this.#stopping.abort();
    if (standing !== 'kept') return;
    try {
      const usage = await this.#call(session, 'tick');
      if (!usage) return;
      this.#failures = 0;
      this.#pauses = 0;
      await this.#parts.tell({ kind: 'ticked', took_ms: performance.now() - startedAt, usage });
    } catch (error) {
      if (!(error instanceof Raised)) throw error;
      // It lives on, and yet it may not fail for ever.
      if ((await this.#failed(error.error, error.traceback, false)) === undefined) this.#stopping.abort();
    } finally {
      this.#grid.moveOn(performance.now());
    }
  }

  /** The pause before it starts anew, or undefined when it is not tried again. */
  async #failed(error: HanabiError, traceback: string, dies: boolean): Promise<number | undefined> {
    const counts = !OF_THE_HOST.has(error.code);
    if (counts) this.#failures += 1;
    const { service_backoff_ms_min: low, service_backoff_ms_max: high, service_failures_max } = this.#limits;
    const givesUp = counts && this.#failures >= service_failures_max;
    const backoff_ms = Math.min(high, low * 2 ** Math.min(this.#pauses, 30));
    this.#pauses += 1;
    const restart_ms = dies && !givesUp ? Date.now() + backoff_ms : null;
    await this.#parts.tell({ kind: 'failed', error, traceback, failures: this.#failures, restart_ms });
    if (!givesUp) return backoff_ms;
    await this.#parts.tell({ kind: 'gave_up', error });
    return undefined;
  }

  /** Undefined: it was stopped. Throws Raised, or what it died of. */
  async #call(session: ServiceSession, name: ServiceFunction): Promise<ServiceUsage | undefined> {
    this.#calls += 1;
    const id = this.#calls;
    session.send({ kind: 'call', id, name });
    const event = await this.#within(session, () => this.#nextOf(session));
    if (!event) return undefined;
    if (event.kind === 'loaded' || event.id !== id) throw new HanabiError('HANABI-W014', 'an answer to something else');
    if (event.kind === 'raised') throw new Raised(event);
    return event.usage;
  }

  /** The next event that is no question; questions are answered. */
  async #nextOf(session: ServiceSession): Promise<Exclude<ServiceEvent, { kind: 'ask' }> | undefined> {
    for (;;) {
      const step = await session.events.next();
      if (step.done) return undefined;
      if (step.value.kind !== 'ask') return step.value;
      const { id, method, params } = step.value;
      session.send({ kind: 'answer', id, told: await this.#parts.answer(method, params) });
    }
  }

  async #within<Result>(session: ServiceSession, wait: () => Promise<Result>): Promise<Result> {
    const { service_tick_ms_max: tick_ms_max } = this.#limits;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      void session.close().catch(() => {}); // who waits for the event learns of the end
    }, tick_ms_max);
    try {
      const result = await wait();
      if (isLate) throw new HanabiError('HANABI-W004', `more than ${tick_ms_max / 1000} s`);
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Also ends with stop(), and with tickNow() where that is wished. */
  async #sleepUntil(time: number, wakesForTick: boolean): Promise<void> {
    for (;;) {
      const rest_ms = time - performance.now();
      if (rest_ms <= 0 || this.#isEnding || (wakesForTick && this.#asked)) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, rest_ms);
      });
      clearTimeout(timer);
      this.#wake = undefined;
    }
  }
}

function clockOf(time: number): number {
  return Math.round(Date.now() + (time - performance.now()));
}

function asHanabiError(error: unknown): HanabiError {
  return error instanceof HanabiError ? error : new HanabiError('HANABI-V009', undefined, { cause: error });
}

/** One attempt of an activity that this server has: what it said last, its time-outs, and why it is to end. */
import { type CancelReason, type HanabiError, LIMITS } from '@hanabi/protocol';
import type { Payload } from '@hanabi/sandbox';
import type { TimeOut } from './attempt-time-outs.ts';
import type { ActivityRow } from './activity-rows.ts';
import type { RunRow } from './history.ts';

/** Why an attempt is to end. */
type Reason = TimeOut | 'cancelled' | 'revoked' | 'gone' | 'stopping';

export class Attempt {
  readonly row: ActivityRow;
  /** What it belongs to, once that was looked up. */
  run: RunRow | undefined;
  heartbeat: readonly Payload[];
  /** Throws the refusal when something that it was prepared with has been revoked since. */
  requireStillGranted: (() => Promise<void>) | undefined;
  refusal: HanabiError | undefined;
  /** The first one. */
  reason: Reason | undefined;
  done: Promise<void> = Promise.resolve();
  /** Ends it at once. */
  readonly stop = new AbortController();
  private readonly wish = new AbortController();
  private readonly timers = new Map<TimeOut | 'grace', NodeJS.Timeout>();
  private readonly late: (attempt: Attempt, kind: TimeOut) => void;
  private hasCode = false;

  /** `late` hears of time-outs. */
  constructor(row: ActivityRow, late: (attempt: Attempt, kind: TimeOut) => void) {
    this.row = row;
    this.heartbeat = JSON.parse(row.heartbeat) as Payload[];
    this.late = late;
  }

  /** It has an end, or another attempt goes on, and only its code has not ended. */
  get isLingering(): boolean {
    return this.reason !== undefined && !KEEPS_LEASE.has(this.reason);
  }

  /** Asks its code to end. */
  get asks(): AbortSignal {
    return this.wish.signal;
  }

  /** Code of the module runs from now on, and can be asked. */
  started(): void {
    this.hasCode = true;
    this.watch('SCHEDULE_TO_START', undefined);
  }

  /** In place of the time-out of that kind that it had before; undefined: it has none any more. */
  watch(kind: TimeOut, limit_ms: number | null | undefined): void {
    clearTimeout(this.timers.get(kind));
    // What is further away than a timer of Node.js counts ends with the limits of its tier long before.
    if (limit_ms === null || limit_ms === undefined || limit_ms > TIMER_MS_MAX) return;
    this.timers.set(
      kind,
      setTimeout(() => this.late(this, kind), limit_ms),
    );
  }

  /** Its code may end by itself; after a while its sandbox is ended. */
  ask(reason: Reason, told: CancelReason, grace_ms: number = LIMITS.workflow_activity_grace_ms): void {
    this.reason ??= reason;
    if (!this.hasCode) {
      this.stop.abort();
      return;
    }
    this.wish.abort(told);
    if (this.timers.has('grace') && reason !== 'stopping') return;
    clearTimeout(this.timers.get('grace'));
    this.timers.set(
      'grace',
      setTimeout(() => this.stop.abort(), grace_ms),
    );
  }

  end(reason: Reason): void {
    this.reason ??= reason;
    this.stop.abort();
  }

  settled(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
  }
}

/** Of these the end is what their code comes to. */
const KEEPS_LEASE: ReadonlySet<Reason> = new Set(['cancelled', 'revoked', 'stopping']);
const TIMER_MS_MAX = 2 ** 31 - 1;

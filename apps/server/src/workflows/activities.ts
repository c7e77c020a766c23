/** Attempts of activities that this server has: each a sealed job, ended by its time-outs, its run or its server. */
import { HanabiError } from '@hanabi/protocol';
import { activityTask, attemptTimeOut, type HistoryEvent, milliseconds, type Payload } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { Db } from '../storage/db.ts';
import type { GroupCommit } from '../storage/group-commit.ts';
import { failureOf, requireSmall } from './activity-answers.ts';
import {
  type ActivityRow,
  type AttemptResult,
  beat,
  claimAttempts,
  endLostAttempts,
  finishAttempt,
  renewAttempts,
} from './activity-rows.ts';
import { readEvent, type RunRow } from './history.ts';
import { type HostActivities, isHostActivity } from './host-activities.ts';
import { requireStillRunnable } from './runnable.ts';
import { performAttempt, prepareAttempt, type SealedParts } from './sealed-attempt.ts';

export interface ActivityParts extends SealedParts {
  db: Db;
  commits: GroupCommit;
  log: Logger;
  server_id: string;
  /** Attempts that this server has at a time; those that have no place yet wait in the sandbox. */
  at_a_time: number;
}

/** Whose news it is. */
type RunNews = Pick<RunRow, 'run_id' | 'user_id' | 'module_id'>;

/** Why an attempt is ended from here. */
type Reason = 'START_TO_CLOSE' | 'SCHEDULE_TO_CLOSE' | 'HEARTBEAT' | 'cancelled' | 'revoked' | 'gone';

interface Attempt {
  row: ActivityRow;
  heartbeat: readonly Payload[];
  /** Throws the refusal when something that it was prepared with has been revoked since. */
  requireStillGranted: (() => Promise<void>) | undefined;
  refusal: HanabiError | undefined;
  stop: AbortController;
  reason: Reason | undefined;
  timers: Map<Reason, NodeJS.Timeout>;
  done: Promise<void>;
}

export class Activities {
  private readonly parts: ActivityParts;
  /** Hears of each run whose activity has ended or is tried again. */
  private readonly settled: (run: RunNews) => void;
  private readonly running = new Map<string, Attempt>();
  private closed = false;
  /** Who does what the server does itself. */
  private host: HostActivities | undefined;

  constructor(parts: ActivityParts, settled: (run: RunNews) => void) {
    this.parts = parts;
    this.settled = settled;
  }

  start(host: HostActivities): void {
    this.host = host;
  }

  /** Begins what is due and has room. True where there was something. */
  async claim(): Promise<boolean> {
    const room = this.parts.at_a_time - this.running.size;
    if (this.closed || room <= 0) return false;
    const rows = await claimAttempts(this.parts.db, this.parts.server_id, room);
    for (const row of rows) this.begin(row);
    return rows.length > 0;
  }

  /** Keeps the leases. An attempt whose run has ended, or that is to be cancelled, is ended. */
  async renew(): Promise<void> {
    const before = [...this.running.values()];
    if (before.length === 0) return;
    const held = await renewAttempts(
      this.parts.db,
      this.parts.server_id,
      before.map(({ row }) => row),
    );
    const rows = new Map(held.map((row) => [keyOf(row), row]));
    for (const attempt of before) {
      const row = rows.get(keyOf(attempt.row));
      if (!row) this.end(attempt, 'gone');
      else if (row.cancel_requested) this.end(attempt, 'cancelled');
    }
  }

  /** A right that is taken away ends what runs by it. */
  async stopRevoked(): Promise<void> {
    for (const attempt of this.running.values()) {
      await attempt.requireStillGranted?.().catch((error: unknown) => {
        if (error instanceof HanabiError) attempt.refusal = error;
        else this.parts.log.error({ err: error }, 'the rights of a running activity could not be read');
        this.end(attempt, 'revoked');
      });
    }
  }

  /** Attempts whose server died are settled. */
  async recover(which: Parameters<typeof endLostAttempts>[1]): Promise<void> {
    await this.parts.commits.run((db) => endLostAttempts(db, which));
  }

  /** What runs is ended, and found by the next server like that of one that died. */
  async close(): Promise<void> {
    this.closed = true;
    for (const attempt of this.running.values()) this.end(attempt, 'gone');
    await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  private begin(row: ActivityRow): void {
    const stop = new AbortController();
    const heartbeat = JSON.parse(row.heartbeat) as Payload[];
    const attempt: Attempt = {
      row,
      heartbeat,
      requireStillGranted: undefined,
      refusal: undefined,
      stop,
      reason: undefined,
      timers: new Map(),
      done: Promise.resolve(),
    };
    this.running.set(keyOf(row), attempt);
    let run: RunRow | undefined;
    const work = async () => {
      const { db } = this.parts;
      run = await db.selectFrom('workflow_runs').selectAll().where('run_id', '=', row.run_id).executeTakeFirst();
      if (run) await this.perform(attempt, run);
    };
    attempt.done = work()
      .catch((error: unknown) => this.parts.log.error({ err: error, run: row.run_id }, 'an activity was not settled'))
      .finally(() => {
        for (const timer of attempt.timers.values()) clearTimeout(timer);
        this.running.delete(keyOf(row));
        if (run) this.settled(run);
      });
  }

  private async perform(attempt: Attempt, run: RunRow): Promise<void> {
    const { db, commits, server_id } = this.parts;
    const { row } = attempt;
    attempt.requireStillGranted = () => requireStillRunnable(this.parts, run, []);
    const scheduled = await readEvent(db, row.run_id, row.event_id);
    const result = await this.resultOf(attempt, run, scheduled);
    if (result) await commits.run((change) => finishAttempt(change, server_id, row, result));
  }

  /** Undefined: there is nobody to be told. */
  private async resultOf(attempt: Attempt, run: RunRow, scheduled: HistoryEvent): Promise<AttemptResult | undefined> {
    try {
      const type = String(scheduled.attributes['activityType']?.name);
      if (!isHostActivity(type)) return await this.runSealed(attempt, run, scheduled);
      return await this.runHere(attempt, run, scheduled, type);
    } catch (error) {
      const { reason, heartbeat, refusal } = attempt;
      if (reason === 'gone') return undefined;
      if (reason === 'cancelled') return { cancelled: { failure: { message: 'Cancelled', canceledFailureInfo: {} } } };
      if (reason && reason !== 'revoked') return { failed: { failure: attemptTimeOut(reason, heartbeat) } };
      const cause = refusal ?? error;
      const known = cause instanceof HanabiError ? cause : new HanabiError('HANABI-V009');
      if (known !== cause) this.parts.log.error({ err: error, run: run.run_id }, 'an activity failed');
      return { failed: { failure: failureOf(known) } };
    }
  }

  private async runHere(attempt: Attempt, run: RunRow, scheduled: HistoryEvent, type: string): Promise<AttemptResult> {
    this.watch(attempt, 'START_TO_CLOSE', milliseconds(scheduled.attributes['startToCloseTimeout']));
    this.watch(attempt, 'SCHEDULE_TO_CLOSE', attempt.row.deadline_ms && attempt.row.deadline_ms - Date.now());
    const input = (scheduled.attributes['input'] ?? []) as Payload[];
    const result = await this.host?.({ type, input, run, signal: attempt.stop.signal });
    requireSmall(Buffer.byteLength(JSON.stringify(result ?? {})));
    return { completed: result ? { result } : {} };
  }

  private async runSealed(attempt: Attempt, run: RunRow, scheduled: HistoryEvent): Promise<AttemptResult> {
    const { row, heartbeat, stop } = attempt;
    const { workflow_id: workflowId, run_id: runId, workflow_type: workflowType } = run;
    const started_ms = row.started_ms ?? Date.now();
    const task = { scheduled, attempt: row.attempt, heartbeat, started_ms, workflowId, runId, workflowType };
    const order = { owner: run, workflow_id: workflowId, token: keyOf(row), start: activityTask(task) };
    const sealed = await prepareAttempt(this.parts, order, stop.signal);
    attempt.requireStillGranted = sealed.requireStillGranted;
    this.watch(attempt, 'SCHEDULE_TO_CLOSE', row.deadline_ms && row.deadline_ms - Date.now());
    const beat_ms = milliseconds(scheduled.attributes['heartbeatTimeout']);
    return performAttempt(this.parts, sealed, stop, {
      started: () => {
        this.watch(attempt, 'START_TO_CLOSE', milliseconds(scheduled.attributes['startToCloseTimeout']));
        this.watch(attempt, 'HEARTBEAT', beat_ms);
      },
      beat: async (details) => {
        attempt.heartbeat = details;
        this.watch(attempt, 'HEARTBEAT', beat_ms);
        await beat(this.parts.db, row, details);
      },
    });
  }

  private watch(attempt: Attempt, reason: Reason, limit_ms: number | null | undefined): void {
    clearTimeout(attempt.timers.get(reason));
    // What is further away than a timer of Node.js counts ends with the limits of its tier long before.
    if (!limit_ms || limit_ms > TIMER_MS_MAX) return;
    attempt.timers.set(
      reason,
      setTimeout(() => this.end(attempt, reason), limit_ms),
    );
  }

  private end(attempt: Attempt, reason: Reason): void {
    attempt.reason ??= reason;
    attempt.stop.abort();
  }
}

const TIMER_MS_MAX = 2 ** 31 - 1;

function keyOf({ run_id, event_id, attempt }: Pick<ActivityRow, 'run_id' | 'event_id' | 'attempt'>): string {
  return `${run_id}/${event_id}/${attempt}`;
}

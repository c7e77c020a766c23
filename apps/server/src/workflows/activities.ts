/** Attempts of activities that this server has: each a sealed job or done here, ended by its time-outs, its run or its server. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { activityTask, attemptTimeOut, type HistoryEvent, type Payload } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { Db } from '../storage/db.ts';
import type { GroupCommit } from '../storage/group-commit.ts';
import { failureOf, requireSmall } from './activity-answers.ts';
import {
  type AttemptResult,
  claimAttempts,
  endLostAttempts,
  finishAttempt,
  isHostActivity,
  keyOf,
  renewAttempts,
} from './activity-rows.ts';
import { Attempt } from './attempt.ts';
import { limitOf, listenerOf } from './attempt-listener.ts';
import type { TimeOut } from './attempt-time-outs.ts';
import { readEvent, type RunRow } from './history.ts';
import type { HostActivities } from './host-activities.ts';
import { requireStillRunnable } from './runnable.ts';
import { performAttempt, prepareAttempt, type SealedParts } from './sealed-attempt.ts';

export interface ActivityParts extends SealedParts {
  db: Db;
  commits: GroupCommit;
  log: Logger;
  server_id: string;
  /** Jobs that the sandbox of this server runs at a time. */
  places: number;
}

/** Whose news it is. */
type RunNews = Pick<RunRow, 'run_id' | 'user_id' | 'module_id'>;

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

  /** Begins what is due and has room. Activities may take long, so jobs that somebody waits for keep a place of their own. */
  async claim(): Promise<void> {
    const { places } = this.parts;
    await this.claimSome(true, Math.max(1, places - 1), Math.max(1, Math.floor(places / 2)));
    await this.claimSome(false, LIMITS.workflow_host_activities_max, LIMITS.workflow_host_activities_of_module_max);
  }

  /** Keeps the leases. An attempt whose run has ended, or that is to be cancelled, is asked to end. */
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
      if (!row) attempt.ask('gone', 'not_found');
      else if (row.cancel_requested) attempt.ask('cancelled', 'cancel_requested');
    }
  }

  /** A right that is taken away ends what runs by it. */
  async stopRevoked(): Promise<void> {
    for (const attempt of this.running.values()) {
      await attempt.requireStillGranted?.().catch((error: unknown) => {
        if (error instanceof HanabiError) attempt.refusal = error;
        else this.parts.log.error({ err: error }, 'the rights of a running activity could not be read');
        attempt.end('revoked');
      });
    }
  }

  /** Attempts whose server died are settled. */
  async recover(which: Parameters<typeof endLostAttempts>[1]): Promise<void> {
    await this.parts.commits.run((db) => endLostAttempts(db, which));
  }

  /** What does not come to its end at once is ended, and found by the next server like that of one that died. */
  async close(): Promise<void> {
    this.closed = true;
    for (const attempt of this.running.values()) {
      attempt.ask('stopping', 'worker_shutdown', LIMITS.workflow_activity_stop_ms);
    }
    await Promise.all([...this.running.values()].map(({ done }) => done));
  }

  private async claimSome(is_sealed: boolean, at_a_time: number, of_module_max: number): Promise<void> {
    const { db, server_id } = this.parts;
    const alike = [...this.running.values()].filter(({ row }) => (row.is_sealed === 1) === is_sealed);
    const count = at_a_time - alike.length;
    if (this.closed || count <= 0) return;
    const lingering = alike.flatMap(({ run, isLingering }) => (run && isLingering ? [{ ...run, count: 1 }] : []));
    for (const row of await claimAttempts(db, server_id, { is_sealed, count, of_module_max, lingering })) {
      this.begin(new Attempt(row, (attempt, kind) => this.timeOut(attempt, kind)));
    }
  }

  private begin(attempt: Attempt): void {
    const { row } = attempt;
    this.running.set(keyOf(row), attempt);
    attempt.done = this.logged(this.perform(attempt), row.run_id).finally(() => {
      attempt.settled();
      this.running.delete(keyOf(row));
      this.tell(attempt);
    });
  }

  private async perform(attempt: Attempt): Promise<void> {
    const { db } = this.parts;
    const { run_id, event_id } = attempt.row;
    const run = await db.selectFrom('workflow_runs').selectAll().where('run_id', '=', run_id).executeTakeFirst();
    if (!run) return;
    attempt.run = run;
    attempt.requireStillGranted = () => requireStillRunnable(this.parts, run, []);
    const result = await this.resultOf(attempt, run, await readEvent(db, run_id, event_id));
    if (result) await this.finish(attempt, result);
  }

  /** Nothing where it is no longer this server’s. */
  private async finish({ row }: Attempt, result: AttemptResult): Promise<void> {
    await this.parts.commits.run((db) => finishAttempt(db, this.parts.server_id, row, result));
  }

  private tell({ run }: Attempt): void {
    if (run) this.settled(run);
  }

  /** What its code says later changes nothing any more. */
  private timeOut(attempt: Attempt, kind: TimeOut): void {
    const failure = attemptTimeOut(kind, attempt.heartbeat);
    attempt.ask(kind, 'timed_out');
    void this.logged(this.finish(attempt, { failed: { failure } }), attempt.row.run_id).then(() => this.tell(attempt));
  }

  /** Undefined: there is nobody to be told, or who is has been. */
  private async resultOf(attempt: Attempt, run: RunRow, scheduled: HistoryEvent): Promise<AttemptResult | undefined> {
    const { row } = attempt;
    const now_ms = Date.now();
    attempt.watch('SCHEDULE_TO_CLOSE', row.deadline_ms === null ? undefined : row.deadline_ms - now_ms);
    try {
      const type = String(scheduled.attributes['activityType']?.name);
      if (isHostActivity(type)) return await this.runHere(attempt, run, scheduled, type);
      const wait_ms = limitOf(scheduled, 'scheduleToStartTimeout');
      attempt.watch('SCHEDULE_TO_START', wait_ms && row.due_ms + wait_ms - now_ms);
      const result = await this.runSealed(attempt, run, scheduled);
      // Of one that was ended because the server stops, another server makes a new attempt.
      const isCutOff = 'failed' in result || 'cancelled' in result;
      return attempt.reason === 'stopping' && isCutOff ? undefined : result;
    } catch (error) {
      return this.refusalOf(attempt, error);
    }
  }

  private refusalOf({ row, reason, refusal }: Attempt, error: unknown): AttemptResult | undefined {
    if (reason === 'cancelled') return { cancelled: { failure: { message: 'Cancelled', canceledFailureInfo: {} } } };
    if (reason && reason !== 'revoked') return undefined;
    const cause = refusal ?? error;
    const known = cause instanceof HanabiError ? cause : new HanabiError('HANABI-V009');
    if (known !== cause) this.parts.log.error({ err: error, run: row.run_id }, 'an activity failed');
    return { failed: { failure: failureOf(known) } };
  }

  private async runSealed(attempt: Attempt, run: RunRow, scheduled: HistoryEvent): Promise<AttemptResult> {
    const { row, heartbeat, stop, asks } = attempt;
    const { workflow_id: workflowId, run_id: runId, workflow_type: workflowType } = run;
    const started_ms = row.started_ms ?? Date.now();
    const task = { scheduled, attempt: row.attempt, heartbeat, started_ms, workflowId, runId, workflowType };
    const order = { owner: run, workflow_id: workflowId, token: keyOf(row), start: activityTask(task) };
    const sealed = await prepareAttempt(this.parts, order, stop.signal);
    attempt.requireStillGranted = sealed.requireStillGranted;
    return performAttempt(this.parts, sealed, stop, listenerOf(this.parts.db, attempt, scheduled), asks);
  }

  private async runHere(attempt: Attempt, run: RunRow, scheduled: HistoryEvent, type: string): Promise<AttemptResult> {
    attempt.watch('START_TO_CLOSE', limitOf(scheduled, 'startToCloseTimeout'));
    const input = (scheduled.attributes['input'] ?? []) as Payload[];
    const result = await this.host?.({ type, input, run, signal: attempt.stop.signal });
    requireSmall(Buffer.byteLength(JSON.stringify(result ?? {})));
    return { completed: result ? { result } : {} };
  }

  private logged(work: Promise<void>, run_id: string): Promise<void> {
    return work.catch((error: unknown) => {
      this.parts.log.error({ err: error, run: run_id }, 'an activity was not settled');
    });
  }
}

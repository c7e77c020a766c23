/**
 * Moves all runs on that have something to do: fires timers, executes tasks, attempts activities. Truth is in the
 * database; this is one of several servers that may look after it, and may be killed at any moment.
 */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Live } from '../live/live.ts';
import { isSqlite } from '../storage/clock.ts';
import type { Signals } from '../storage/signals.ts';
import { Activities, type ActivityParts } from './activities.ts';
import { endFromOutside, endFull } from './end-run.ts';
import type { RunRow } from './history.ts';
import type { HostActivities } from './host-activities.ts';
import { endLateAttempts } from './open-activities.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { WorkflowProcesses } from './processes.ts';
import { RunMemory } from './run-memory.ts';
import {
  claimRuns,
  commitTask,
  failTask,
  fireTimers,
  forgetEnded,
  freeRuns,
  nextDue,
  renewRuns,
  wakeFailed,
} from './run-rows.ts';
import { executeTask, taskFailureOf } from './run-task.ts';

export interface EngineParts extends ActivityParts {
  live: Live;
  signals: Signals;
  /** Whether this server executes workflows. */
  works_off: boolean;
  data_dir: string;
}

/** Of a run that is different in the database. */
type ChangedRun = Pick<RunRow, 'run_id' | 'user_id' | 'module_id'>;

/** Of timers that are fired in one transaction. */
const TIMERS_AT_ONCE = 100;

export class WorkflowEngine {
  readonly memory: RunMemory;
  readonly processes: WorkflowProcesses;
  /** Of a run, one thing at a time: a task, or a query. */
  readonly turns = new OneAtATime();
  private readonly parts: EngineParts;
  private readonly activities: Activities;
  /** Those that are under way, each with its run. */
  private readonly tasks = new Map<Promise<void>, string>();
  private readonly listeners = new Set<(run_id: string | undefined) => void>();
  private readonly timers: NodeJS.Timeout[] = [];
  private next: NodeJS.Timeout | undefined;
  private pumping: Promise<void> | undefined;
  private again = false;
  private state: 'new' | 'open' | 'closed' = 'new';

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.memory = new RunMemory(parts.db);
    this.processes = new WorkflowProcesses(parts);
    this.activities = new Activities(parts, (run) => this.changed(run));
  }

  async start(host: HostActivities): Promise<void> {
    const { db, signals, registry, server_id, works_off } = this.parts;
    signals.on('workflows', (run_id) => this.changedElsewhere(run_id));
    if (!works_off) return;
    this.activities.start(host);
    // The only server of a SQLite database: whoever had a lease is gone. And so is who was this server before.
    await freeRuns(db, server_id, isSqlite(db));
    await this.activities.recover(isSqlite(db) ? 'all' : { owner: server_id });
    this.state = 'open';
    registry.onRightsChanged(() => {
      void this.caught(() => this.activities.stopRevoked());
      void this.caught(() => this.processes.stopRevoked());
      void this.caught(() => wakeFailed(db)).then(() => this.pumpSoon());
    });
    const every = (interval_ms: number, work: () => Promise<unknown>) =>
      this.timers.push(setInterval(() => void this.caught(work), interval_ms).unref());
    every(LIMITS.job_lease_ms / 3, async () => {
      await renewRuns(db, server_id, [...this.tasks.values()]);
      await this.activities.renew();
    });
    every(LIMITS.job_safety_interval_ms, async () => {
      await this.activities.recover('late');
      await forgetEnded(db);
      this.pumpSoon();
    });
    this.pumpSoon();
  }

  async close(): Promise<void> {
    this.state = 'closed';
    clearTimeout(this.next);
    for (const timer of this.timers) clearInterval(timer);
    await this.pumping;
    await this.processes.close();
    await Promise.all([...this.tasks.keys(), this.activities.close()]);
  }

  /** Another process has changed that run, or some runs. */
  changedElsewhere(run_id?: string): void {
    this.tell(run_id);
    this.pumpSoon();
    void this.caught(() => this.activities.renew());
  }

  /** Something of this run is different in the database: whoever waits is told, here and on other servers. */
  changed({ run_id, user_id, module_id }: ChangedRun): void {
    this.tell(run_id);
    this.parts.signals.tell('workflows', run_id);
    this.parts.live.workflowChanged(user_id, { module_id, run_id });
    this.pumpSoon();
  }

  /** The same, of a run that may have activities under way that end with the change. */
  async interrupted(run: ChangedRun): Promise<void> {
    this.changed(run);
    await this.activities.renew();
  }

  /** Asks again after each change of the run until there is an answer, or the time is up: then undefined. */
  async until<T>(run_id: string, wait_ms: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    let wake: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    let isDirty = false;
    const listener = (changed: string | undefined) => {
      if (changed !== undefined && changed !== run_id) return;
      isDirty = true;
      wake?.();
    };
    this.listeners.add(listener);
    const deadline = performance.now() + wait_ms;
    try {
      for (;;) {
        isDirty = false;
        const answer = await ask();
        const rest_ms = deadline - performance.now();
        if (answer !== undefined || rest_ms <= 0) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, rest_ms);
          if (isDirty) resolve();
        });
        clearTimeout(timer);
      }
    } finally {
      this.listeners.delete(listener);
    }
  }

  private tell(run_id: string | undefined): void {
    for (const listener of this.listeners) listener(run_id);
  }

  private pumpSoon(): void {
    this.again = true;
    if (this.state !== 'open' || this.pumping) return;
    this.pumping = this.caught(() => this.pump()).finally(() => {
      this.pumping = undefined;
      if (this.again) this.pumpSoon();
    });
  }

  private async pump(): Promise<void> {
    const { db, commits, server_id } = this.parts;
    while (this.again && this.state === 'open') {
      this.again = false;
      const began_ms = Date.now();
      const hasFired = await commits.run(async (change) => {
        const isLate = await endLateAttempts(change, TIMERS_AT_ONCE);
        return (await fireTimers(change, TIMERS_AT_ONCE)) || isLate;
      });
      if (hasFired) this.again = true;
      await this.timeOut(began_ms);
      const room = LIMITS.workflow_tasks_max - this.tasks.size;
      if (room > 0) for (const run of await claimRuns(db, server_id, room)) this.begin(run);
      await this.activities.claim();
      if (!this.again) await this.sleepUntilNext(began_ms);
    }
  }

  /** What was due before had no room, and is looked at again when there is some. */
  private async sleepUntilNext(began_ms: number): Promise<void> {
    const due_ms = await nextDue(this.parts.db, began_ms);
    clearTimeout(this.next);
    if (due_ms === undefined || this.state !== 'open') return;
    const wait_ms = Math.min(Math.max(0, due_ms - Date.now()), LIMITS.job_safety_interval_ms);
    this.next = setTimeout(() => this.pumpSoon(), wait_ms).unref();
  }

  private async timeOut(now_ms: number): Promise<void> {
    const { db, commits } = this.parts;
    const late = await db
      .selectFrom('workflow_runs')
      .select(['run_id', 'user_id', 'module_id'])
      .where('status', '=', 'RUNNING')
      .where('paused', '=', 0)
      .where('deadline_ms', '<=', now_ms)
      .execute();
    for (const run of late) {
      await commits.run((change) => endFromOutside(change, run.run_id, 'WORKFLOW_EXECUTION_TIMED_OUT', {}));
      await this.interrupted(run);
    }
  }

  private begin(run: RunRow): void {
    const done = this.turns
      .take(run.run_id, () => this.caught(() => this.perform(run)))
      .finally(() => {
        this.tasks.delete(done);
        this.changed(run);
      });
    this.tasks.set(done, run.run_id);
  }

  private async perform(run: RunRow): Promise<void> {
    const { db, commits } = this.parts;
    try {
      if (run.size_bytes > LIMITS.workflow_history_bytes_max) return await this.endOversized(run);
      const work = await this.processes.use(run, (process) => executeTask(db, this.memory, run, process));
      const committed = await commits.run((change) => commitTask(change, run, work));
      if (committed !== 'done' || work.end) await this.memory.forget(run.run_id);
      const endsActivities = work.events.some(({ eventType }) => ENDS_ACTIVITIES.test(eventType));
      if (committed === 'full' || endsActivities) await this.activities.renew();
    } catch (error) {
      if (this.state === 'closed') return;
      const failure = taskFailureOf(error);
      if (!(error instanceof HanabiError) && failure.applicationFailureInfo?.type === 'HANABI-V009') {
        this.parts.log.error({ err: error, run: run.run_id }, 'a task of a workflow failed');
      }
      await this.memory.forget(run.run_id);
      await commits.run((change) => failTask(change, run, failure, !(error instanceof HanabiError)));
    }
  }

  /** Before anything of it is read. */
  private async endOversized(run: RunRow): Promise<void> {
    await this.parts.commits.run((db) => endFull(db, run));
    await this.memory.forget(run.run_id);
    await this.activities.renew();
  }

  private async caught(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.parts.log.error({ err: error }, 'workflows could not be looked after');
    }
  }
}

const ENDS_ACTIVITIES =
  /^(?:ACTIVITY_TASK_CANCEL_REQUESTED|WORKFLOW_EXECUTION_(?:COMPLETED|FAILED|CANCELED|CONTINUED_AS_NEW))$/;

/**
 * Who may execute the task of a run, in SQL: a lease for a while by the database's clock, and a fence, so that a server
 * that was thought dead changes nothing when it wakes. What a task has done becomes visible in one transaction.
 */
import { LIMITS } from '@hanabi/protocol';
import type { Failure, Fields, HistoryEvent } from '@hanabi/sandbox';
import { sql } from 'kysely';
import { databaseTime_ms, isSqlite, leaseEnd } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import { performEffects } from './effects.ts';
import { endFull, endRun } from './end-run.ts';
import { appendEvents, arrive, removeHeard, type RunRow } from './history.ts';
import { keepAttributes } from './run-attributes.ts';

/** What a task did. */
export interface TaskWork {
  readonly events: readonly HistoryEvent[];
  /** The last arrival that its code has heard of; 0: of none. */
  readonly heard_seq: number;
  /** Answers to updates, in their order. */
  readonly answers: readonly { readonly updateId: string; readonly outcome?: Fields }[];
  /** The event that ends the run, if it has one. */
  readonly end: HistoryEvent | undefined;
}

export type Committed =
  | 'done'
  /** The run is another server’s by now, or was ended. */
  | 'lost'
  /** It wanted to end without having heard a signal, so the task is done again. */
  | 'again'
  /** And its history is full now, so it was ended. */
  | 'full';

/** What a run takes besides what its history says. */
const ROW_BYTES = 1024;
const NO_LEASE = { lease_owner: null, lease_expires_ms: null } as const;

/** Of each user’s module no more than it may have at a time, so that one with much to do does not keep the others waiting. */
export async function claimRuns(db: Db, owner: string, count: number): Promise<RunRow[]> {
  const due = sql`status = 'RUNNING' and paused = 0 and wake_ms <= ${Date.now()}`;
  const free = sql`(lease_owner is null or lease_expires_ms < ${databaseTime_ms(db)})`;
  const taken = isSqlite(db) ? sql`` : sql`for update of r skip locked`;
  const { rows } = await sql<RunRow>`
    with chosen as materialized (
      select r.run_id from workflow_runs as r join (
        select run_id as id, row_number() over (
          partition by user_id, module_id order by case when ${free} then 1 else 0 end, wake_ms
        ) as place from workflow_runs where ${due}
      ) as places on id = r.run_id
      where ${due} and ${free} and place <= ${LIMITS.workflow_tasks_of_module_max}
      order by place, wake_ms limit ${count} ${taken}
    )
    update workflow_runs set lease_owner = ${owner}, lease_expires_ms = ${leaseEnd(db)}, fence = fence + 1
    where run_id in (select run_id from chosen) returning *
  `.execute(db);
  return rows;
}

/** Those that `owner` really has in hand; another lease of its, whose answer it never got, runs out. */
export async function renewRuns(db: Db, owner: string, run_ids: readonly string[]): Promise<void> {
  if (run_ids.length === 0) return;
  await db
    .updateTable('workflow_runs')
    .set({ lease_expires_ms: leaseEnd(db) })
    .where('lease_owner', '=', owner)
    .where('run_id', 'in', run_ids)
    .where('status', '=', 'RUNNING')
    .execute();
}

/** What this server had before it was started anew, or with `anyway` what anybody had, is free again. */
export async function freeRuns(db: Db, owner: string, anyway: boolean): Promise<void> {
  let leased = db.updateTable('workflow_runs').set(NO_LEASE).where('lease_owner', 'is not', null);
  if (!anyway) leased = leased.where('lease_owner', '=', owner);
  await leased.execute();
}

export async function commitTask(db: Change, claimed: RunRow, work: TaskWork): Promise<Committed> {
  // As it is now: its parent may have been reset meanwhile, and be another run.
  const run = await lock(db, claimed);
  if (!run) return 'lost';
  const missed = await db
    .selectFrom('workflow_inbox')
    .select('type')
    .where('run_id', '=', run.run_id)
    .where('seq', '>', work.heard_seq)
    .execute();
  if (work.end && missed.some(({ type }) => type === 'WORKFLOW_EXECUTION_SIGNALED')) {
    await release(db, run, { wake_ms: Date.now() });
    return 'again';
  }
  await appendEvents(db, run.run_id, work.events);
  await keepAttributes(db, run.run_id, work.events);
  await removeHeard(db, run.run_id, work.heard_seq);
  for (const { updateId, outcome } of work.answers) {
    await db
      .updateTable('workflow_updates')
      .set(outcome ? { state: 'done', outcome: JSON.stringify(outcome) } : { state: 'accepted' })
      .where('run_id', '=', run.run_id)
      .where('update_id', '=', updateId)
      .execute();
  }
  const events = run.events + work.events.length;
  await release(db, run, { events, failures: 0, failure: null, wake_ms: null });
  await performEffects(db, run, work.events);
  if (work.end) await endRun(db, run, work.end);
  else if (events > LIMITS.workflow_history_events_max) {
    await endFull(db, run);
    return 'full';
  } else if (missed.length > 0 || (await hasUpdates(db, run))) await wake(db, run);
  return 'done';
}

/** The task came to nothing and is tried again, after a while where its code is at fault; its history does not change. */
export async function failTask(db: Change, run: RunRow, failure: Failure, isOfCode: boolean): Promise<boolean> {
  const { workflow_task_backoff_ms_min: low, workflow_task_backoff_ms_max: high } = LIMITS;
  const failures = run.failures + 1;
  const backoff_ms = Math.min(high, low * 2 ** Math.min(failures - 1, 30));
  // A process that was killed is no reason to wait, unless it happens again.
  const wake_ms = Date.now() + (isOfCode || failures > 1 ? backoff_ms : 0);
  return release(db, run, { failures, failure: JSON.stringify(failure), wake_ms });
}

/** What was missing may be there now: code that was mended, a right that was granted. */
export async function wakeFailed(db: Db): Promise<void> {
  await db
    .updateTable('workflow_runs')
    .set({ wake_ms: Date.now() })
    .where('status', '=', 'RUNNING')
    .where('failures', '>', 0)
    .execute();
}

function lock(db: Change, { run_id, fence }: RunRow): Promise<RunRow | undefined> {
  return db
    .updateTable('workflow_runs')
    .set({ fence })
    .where('run_id', '=', run_id)
    .where('fence', '=', fence)
    .where('status', '=', 'RUNNING')
    .returningAll()
    .executeTakeFirst();
}

async function release(db: Change, { run_id, fence }: RunRow, change: Partial<RunRow>): Promise<boolean> {
  const released = await db
    .updateTable('workflow_runs')
    .set({ ...NO_LEASE, ...change })
    .where('run_id', '=', run_id)
    .where('fence', '=', fence)
    .where('status', '=', 'RUNNING')
    .returning('run_id')
    .executeTakeFirst();
  return released !== undefined;
}

async function hasUpdates(db: Change, { run_id }: RunRow): Promise<boolean> {
  const waiting = await db
    .selectFrom('workflow_updates')
    .select('update_id')
    .where('run_id', '=', run_id)
    .where('state', '=', 'waiting')
    .limit(1)
    .executeTakeFirst();
  return waiting !== undefined;
}

async function wake(db: Change, { run_id }: RunRow): Promise<void> {
  await db.updateTable('workflow_runs').set({ wake_ms: Date.now() }).where('run_id', '=', run_id).execute();
}

/** Histories are kept for a while after their end, and no more of a user than there is room for. */
export async function forgetEnded(db: Db): Promise<void> {
  await db
    .deleteFrom('workflow_runs')
    .where('closed_ms', '<', Date.now() - LIMITS.workflow_kept_ms)
    .execute();
  await sql`
    delete from workflow_runs where run_id in (
      select run_id from (
        select run_id, sum(size_bytes + ${ROW_BYTES}) over (partition by user_id order by closed_ms desc, run_id) as kept
        from workflow_runs where closed_ms is not null
      ) as ended where kept > ${LIMITS.workflow_kept_bytes_max}
    )
  `.execute(db);
}

/** Timers whose time has come, and runs whose time is up. True where there were any. */
export async function fireTimers(db: Change, count: number): Promise<boolean> {
  const due = await db
    .selectFrom('workflow_timers')
    .selectAll()
    .where('due_ms', '<=', Date.now())
    .orderBy('due_ms')
    .limit(count)
    .execute();
  for (const { run_id, event_id, timer_id } of due) {
    const fired = await db
      .deleteFrom('workflow_timers')
      .where('run_id', '=', run_id)
      .where('event_id', '=', event_id)
      .returning('event_id')
      .executeTakeFirst();
    // Another server was faster.
    if (!fired) continue;
    const attributes = { timerId: timer_id, startedEventId: event_id };
    await arrive(db, run_id, { eventType: 'TIMER_FIRED', attributes }, event_id);
  }
  return due.length > 0;
}

/** The first time after that one at which something is to happen by itself; undefined: there is none. */
export async function nextDue(db: Db, after_ms: number): Promise<number | undefined> {
  const { rows } = await sql<{ due: number | null }>`
    select min(due) as due from (
      select min(due_ms) as due from workflow_timers where due_ms > ${after_ms}
      union all select min(due_ms) from workflow_activities where due_ms > ${after_ms}
      union all select min(late_ms) from workflow_activities where late_ms > ${after_ms}
      union all select min(wake_ms) from workflow_runs where wake_ms > ${after_ms}
      union all select min(deadline_ms) from workflow_runs where deadline_ms > ${after_ms}
    ) as times
  `.execute(db);
  return rows[0]?.due ?? undefined;
}

/**
 * Activities that have no end yet, in SQL: each attempt is taken by one server under a lease, and its end comes into the
 * run's inbox in the transaction that takes the activity off the list. So what was completed is never done again.
 */
import {
  activityFailure,
  attemptTimeOut,
  type Failure,
  type HistoryEvent,
  milliseconds,
  type Payload,
  retryVerdict,
} from '@hanabi/sandbox';
import { type Selectable, sql } from 'kysely';
import { databaseTime_ms, isSqlite, leaseEnd } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';
import { lateOpen, lateWaiting } from './attempt-time-outs.ts';
import { arrive, readEvent } from './history.ts';

export type ActivityRow = Selectable<Tables['workflow_activities']>;

/** An attempt that this server has. */
export type OwnedAttempt = Pick<ActivityRow, 'run_id' | 'event_id' | 'attempt'>;

/** What became of an attempt, as the code that ran it says. */
export type AttemptResult =
  | { readonly completed: { readonly result?: Payload } }
  | { readonly failed: { readonly failure: Failure } }
  | { readonly cancelled: { readonly failure: Failure } }
  /** Somebody from outside says it later. */
  | { readonly willCompleteAsync: object };

/** Where it has come to an end for good, if it is not tried again. */
type AttemptEnd = Exclude<AttemptResult, { readonly willCompleteAsync: object }>;

/** Which attempts a server has room for. */
export interface Room {
  /** Those that need a sandbox, or those that the server does itself. */
  readonly is_sealed: boolean;
  readonly count: number;
  /** Of each user’s module, with what the server has of it already. */
  readonly of_module_max: number;
  /** Modules whose attempts are no longer the server’s, and fill places until their code has ended. */
  readonly lingering?: readonly Lingering[];
}

/** `count`: places that a user’s module fills. */
type Lingering = Pick<Tables['workflow_runs'], 'user_id' | 'module_id'> & { readonly count: number };

const CANCELLED: Failure = { message: 'Cancelled', canceledFailureInfo: {} };
const NO_LEASE = { lease_owner: null, lease_expires_ms: null } as const;

/** An attempt in one word; to its code, the token of its task. */
export function keyOf({ run_id, event_id, attempt }: OwnedAttempt): string {
  return `${run_id}/${event_id}/${attempt}`;
}

/** Whether the server does it itself. */
export function isHostActivity(type: unknown): boolean {
  return String(type).startsWith('HANABI_');
}

export async function scheduleActivity(db: Change, run_id: string, { eventId, ...event }: HistoryEvent): Promise<void> {
  const whole_ms = milliseconds(event.attributes['scheduleToCloseTimeout']);
  const times = {
    due_ms: Math.floor(event.eventTime_ms),
    deadline_ms: whole_ms ? Math.ceil(event.eventTime_ms + whole_ms) : null,
  };
  await db
    .insertInto('workflow_activities')
    .values({
      run_id,
      event_id: eventId,
      activity_id: String(event.attributes['activityId'] ?? ''),
      attempt: 1,
      ...times,
      started_ms: null,
      heartbeat: '[]',
      failure: null,
      cancel_requested: 0,
      is_sealed: isHostActivity(event.attributes['activityType']?.name) ? 0 : 1,
      is_open: 0,
      ...lateWaiting(times, event.attributes),
      ...NO_LEASE,
    })
    .execute();
}

/**
 * Where nobody works on it, that is its end. A server that does finds the wish when it renews its lease, or is told before;
 * somebody outside is told with the next heartbeat.
 */
export async function cancelActivity(db: Change, run_id: string, event_id: number): Promise<void> {
  const row = await db
    .updateTable('workflow_activities')
    .set({ cancel_requested: 1 })
    .where('run_id', '=', run_id)
    .where('event_id', '=', event_id)
    .returningAll()
    .executeTakeFirst();
  if (row && row.lease_owner === null && !row.is_open)
    await endActivity(db, row, { cancelled: { failure: CANCELLED } });
}

/** As with runs, one module of one user never takes all the room of a server. */
export async function claimAttempts(db: Db, owner: string, room: Room): Promise<ActivityRow[]> {
  const { is_sealed, count, of_module_max, lingering = [] } = room;
  const share = lingering.reduce(
    (less, own) => sql`${less} - case when user_id = ${own.user_id} and module_id = ${own.module_id}
      then ${sql.lit(own.count)} else 0 end`,
    sql`${sql.lit(of_module_max)}`,
  );
  const due = sql`due_ms <= ${Date.now()} and is_open = 0 and is_sealed = ${is_sealed ? 1 : 0}`;
  const lock = isSqlite(db) ? sql`` : sql`for update of a skip locked`;
  const { rows } = await sql<ActivityRow>`
    with chosen as materialized (
      select a.run_id, a.event_id from workflow_activities as a join (
        select run_id as run, event_id as event, user_id, module_id, row_number() over (
          partition by user_id, module_id order by case when lease.lease_owner is null then 1 else 0 end, due_ms
        ) as place from workflow_activities as lease join workflow_runs using (run_id)
          where ${due} and paused = 0 and (lease.lease_owner is null or lease.lease_owner = ${owner})
      ) as places on run = a.run_id and event = a.event_id
      where ${due} and lease_owner is null and place <= ${share}
      order by place, due_ms limit ${count} ${lock}
    )
    update workflow_activities set lease_owner = ${owner}, lease_expires_ms = ${leaseEnd(db)}, started_ms = ${Date.now()},
      late_ms = null, late_kind = null
    where (run_id, event_id) in (select run_id, event_id from chosen) returning *
  `.execute(db);
  return rows;
}

/** Those of `held` that are still there and `owner`’s, whose leases go on. What nobody has in hand is late after a while. */
export function renewAttempts(db: Db, owner: string, held: readonly OwnedAttempt[]): Promise<ActivityRow[]> {
  return db
    .updateTable('workflow_activities')
    .set({ lease_expires_ms: leaseEnd(db) })
    .where('lease_owner', '=', owner)
    .where((eb) => eb.or(held.map(({ run_id, event_id, attempt }) => eb.and({ run_id, event_id, attempt }))))
    .returningAll()
    .execute();
}

/**
 * Attempts whose server died count as failed: those whose lease ran out, those that `owner` had, or all. They are taken
 * first, so that a server that is alive after all finishes none of them meanwhile.
 */
export async function endLostAttempts(db: Change, which: 'late' | 'all' | { owner: string }): Promise<number> {
  const lost = await db
    .updateTable('workflow_activities')
    .set(NO_LEASE)
    .where('lease_owner', 'is not', null)
    .where((eb) => {
      if (which === 'all') return eb.and([]);
      return which === 'late' ? eb('lease_expires_ms', '<', databaseTime_ms(db)) : eb('lease_owner', '=', which.owner);
    })
    .returningAll()
    .execute();
  for (const row of lost) {
    const failure = attemptTimeOut('START_TO_CLOSE', JSON.parse(row.heartbeat) as Payload[]);
    await settleAttempt(db, row, { failed: { failure: { ...failure, message: 'the server that did it died' } } });
  }
  return lost.length;
}

/** What is new of an attempt that goes on. `started_ms`: null while it has no place in a sandbox. */
export async function noteAttempt(
  db: Db,
  { run_id, event_id, attempt }: OwnedAttempt,
  news: Partial<Pick<ActivityRow, 'heartbeat' | 'started_ms'>>,
): Promise<void> {
  await db
    .updateTable('workflow_activities')
    .set(news)
    .where((eb) => eb.and({ run_id, event_id, attempt }))
    .execute();
}

/** The end of an attempt of `owner`: that of the activity as well, or it is tried again. Nothing where it is no longer theirs. */
export async function finishAttempt(
  db: Change,
  owner: string,
  own: OwnedAttempt,
  result: AttemptResult,
): Promise<boolean> {
  const row = await db
    .updateTable('workflow_activities')
    .set(NO_LEASE)
    .where('run_id', '=', own.run_id)
    .where('event_id', '=', own.event_id)
    .where('attempt', '=', own.attempt)
    .where('lease_owner', '=', owner)
    .returningAll()
    .executeTakeFirst();
  if (row) await settleAttempt(db, row, result);
  return row !== undefined;
}

/** Of a row that nobody else has in hand. */
export async function settleAttempt(db: Change, row: ActivityRow, result: AttemptResult): Promise<void> {
  if ('willCompleteAsync' in result) return leaveOpen(db, row);
  if (!('failed' in result)) return endActivity(db, row, result);
  const { failure } = result.failed;
  const scheduled = await readEvent(db, row.run_id, row.event_id);
  const left_ms = row.deadline_ms === null ? undefined : row.deadline_ms - Date.now();
  const verdict = row.cancel_requested
    ? { again: false as const, state: 'RETRY_STATE_CANCEL_REQUESTED' }
    : retryVerdict(scheduled.attributes['retryPolicy'] ?? {}, { attempt: row.attempt, failure, left_ms });
  if (!verdict.again) return endActivity(db, row, result, verdict.state);
  const due_ms = Math.ceil(Date.now() + verdict.delay_ms);
  await db
    .updateTable('workflow_activities')
    .set({
      ...NO_LEASE,
      attempt: row.attempt + 1,
      due_ms,
      started_ms: null,
      is_open: 0,
      failure: JSON.stringify(failure),
      ...lateWaiting({ ...row, due_ms }, scheduled.attributes),
    })
    .where('run_id', '=', row.run_id)
    .where('event_id', '=', row.event_id)
    .where('attempt', '=', row.attempt)
    .execute();
}

async function leaveOpen(db: Change, row: ActivityRow): Promise<void> {
  const { run_id, event_id } = row;
  const { attributes } = await readEvent(db, run_id, event_id);
  await db
    .updateTable('workflow_activities')
    .set({ is_open: 1, ...lateOpen(row, attributes) })
    .where('run_id', '=', run_id)
    .where('event_id', '=', event_id)
    .execute();
}

async function endActivity(db: Change, row: ActivityRow, result: AttemptEnd, state = ''): Promise<void> {
  const { run_id, event_id, attempt } = row;
  const ended = await db
    .deleteFrom('workflow_activities')
    .where('run_id', '=', run_id)
    .where('event_id', '=', event_id)
    .where('attempt', '=', attempt)
    .returning('event_id')
    .executeTakeFirst();
  // It ended otherwise meanwhile, and with an end it is heard of once.
  if (!ended) return;
  const about = { scheduledEventId: event_id, attempt };
  if ('completed' in result) {
    const { result: value } = result.completed;
    await arrive(
      db,
      run_id,
      { eventType: 'ACTIVITY_TASK_COMPLETED', attributes: { ...about, result: value } },
      event_id,
    );
    return;
  }
  const scheduled = await readEvent(db, run_id, event_id);
  const cause = 'cancelled' in result ? result.cancelled.failure : result.failed.failure;
  const kind = 'cancelled' in result ? 'CANCELED' : cause['timeoutFailureInfo'] ? 'TIMED_OUT' : 'FAILED';
  const failure = activityFailure(scheduled, cause, state || 'RETRY_STATE_CANCEL_REQUESTED');
  await arrive(db, run_id, { eventType: `ACTIVITY_TASK_${kind}`, attributes: { ...about, failure } }, event_id);
}

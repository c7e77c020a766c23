/** Activities that are ended from outside: by somebody who was asked, or by a time-out while no server has them in hand. */
import { HanabiError } from '@hanabi/protocol';
import { attemptTimeOut, type Failure, type Payload } from '@hanabi/sandbox';
import type { Change } from '../storage/rows.ts';
import { type ActivityRow, type AttemptResult, keyOf, type OwnedAttempt, settleAttempt } from './activity-rows.ts';
import { lateOpen } from './attempt-time-outs.ts';
import { readEvent } from './history.ts';

/** Which activity of a run is meant. */
export interface ActivityTarget {
  /** As its workflow calls it. */
  readonly activityId: string;
  /** Of one attempt; when it is left out, whichever goes on. */
  readonly token?: string | undefined;
}

/** What came of an activity that has begun. HANABI-W033 where none such goes on. */
export async function endOpenActivity(db: Change, run_id: string, target: ActivityTarget, result: AttemptResult) {
  const row = await take(db, await find(db, run_id, target));
  await settleAttempt(db, row, result);
}

/** It is alive. True where it is to end. HANABI-W033. */
export async function beatOpenActivity(
  db: Change,
  run_id: string,
  target: ActivityTarget,
  details: readonly Payload[],
): Promise<boolean> {
  const row = await find(db, run_id, target);
  const { attributes } = await readEvent(db, run_id, row.event_id);
  await db
    .updateTable('workflow_activities')
    .set({ heartbeat: JSON.stringify(details), ...(row.is_open ? lateOpen(row, attributes) : {}) })
    .where((eb) => eb.and(ownedOf(row)))
    .execute();
  return row.cancel_requested === 1;
}

/** Attempts whose time is up, that no server has in hand, and whose runs are not paused. True where there were any. */
export async function endLateAttempts(db: Change, count: number): Promise<boolean> {
  const late = await db
    .selectFrom('workflow_activities')
    .innerJoin('workflow_runs', 'workflow_runs.run_id', 'workflow_activities.run_id')
    .select(['workflow_activities.run_id', 'event_id', 'attempt', 'late_ms'])
    .where('late_ms', '<=', Date.now())
    // Time goes on for what waits since a restore, but what it comes to waits as well.
    .where('paused', '=', 0)
    .orderBy('late_ms')
    .limit(count)
    .execute();
  for (const { late_ms, ...found } of late) {
    const row = await db
      .updateTable('workflow_activities')
      .set({ late_ms: null })
      .where((eb) => eb.and({ ...ownedOf(found), late_ms }))
      .returningAll()
      .executeTakeFirst();
    // A server has begun with it, or another one was faster.
    if (!row?.late_kind) continue;
    const failure = attemptTimeOut(row.late_kind, JSON.parse(row.heartbeat) as Payload[]);
    const cause = row.failure === null ? {} : { cause: JSON.parse(row.failure) as Failure };
    await settleAttempt(db, row, { failed: { failure: { ...failure, ...cause } } });
  }
  return late.length > 0;
}

/** Without what it said last, which may be large. */
async function find(db: Change, run_id: string, { activityId, token }: ActivityTarget) {
  const rows = await db
    .selectFrom('workflow_activities')
    .select(['run_id', 'event_id', 'attempt', 'is_open', 'cancel_requested', 'started_ms', 'deadline_ms'])
    .where('run_id', '=', run_id)
    .where('activity_id', '=', activityId)
    .where((eb) => eb.or([eb('is_open', '=', 1), eb('lease_owner', 'is not', null)]))
    .orderBy('event_id')
    .execute();
  const row = rows.find((each) => token === undefined || keyOf(each) === token);
  if (!row) throw new HanabiError('HANABI-W033', activityId);
  return row;
}

/** From whoever has it: a server whose code is about to return finds it gone. */
async function take(db: Change, found: OwnedAttempt): Promise<ActivityRow> {
  const row = await db
    .updateTable('workflow_activities')
    .set({ lease_owner: null, lease_expires_ms: null })
    .where((eb) => eb.and(ownedOf(found)))
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new HanabiError('HANABI-W033', 'it has ended meanwhile');
  return row;
}

function ownedOf({ run_id, event_id, attempt }: OwnedAttempt): OwnedAttempt {
  return { run_id, event_id, attempt };
}

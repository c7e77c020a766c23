/** What the end of a run means for all that belongs to it, in the transaction that ends it. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import {
  childEndEvent,
  continuedRequest,
  cronRequest,
  endOf,
  type Fields,
  type HistoryEvent,
  milliseconds,
  retriedRequest,
  type RunEnd,
  type StartRequest,
} from '@hanabi/sandbox';
import type { Change } from '../storage/rows.ts';
import { insertRun } from './begin-run.ts';
import { appendEvents, arrive, findEvent, readEvent, type RunRow } from './history.ts';

const NOTHING_LEFT = { wake_ms: null, deadline_ms: null, lease_owner: null, lease_expires_ms: null } as const;

/** Ends a run whatever its code does: it is terminated, or its time is up. False where it has ended before. */
export async function endFromOutside(
  db: Change,
  run_id: string,
  eventType: 'WORKFLOW_EXECUTION_TERMINATED' | 'WORKFLOW_EXECUTION_TIMED_OUT',
  attributes: Fields,
): Promise<boolean> {
  // Whoever executes its task finds another fence, and changes nothing any more.
  const run = await db
    .updateTable('workflow_runs')
    .set((eb) => ({ fence: eb('fence', '+', 1), events: eb('events', '+', 1) }))
    .where('run_id', '=', run_id)
    .where('status', '=', 'RUNNING')
    .returningAll()
    .executeTakeFirst();
  if (!run) return false;
  const event = { eventId: run.events, eventTime_ms: Date.now(), eventType, attributes };
  await appendEvents(db, run_id, [event]);
  await endRun(db, run, event);
  return true;
}

/** Ends a run that has more history than it may have, as HANABI-Q019 says. */
export async function endFull(db: Change, { run_id }: Pick<RunRow, 'run_id'>): Promise<void> {
  const { workflow_history_events_max: events, workflow_history_bytes_max: bytes } = LIMITS;
  const { code, message } = new HanabiError('HANABI-Q019', `at most ${events} events and ${bytes} bytes`);
  await endFromOutside(db, run_id, 'WORKFLOW_EXECUTION_TERMINATED', { reason: `${code}: ${message}` });
}

/** `event` is the last one of its history, and stands there already. */
export async function endRun(db: Change, run: RunRow, event: HistoryEvent): Promise<void> {
  const end = endOf(run.run_id, event);
  if (!end) throw new TypeError(`${event.eventType} is no end`);
  const newRunId = await follow(db, run, event);
  const outcome = { ...end, newRunId };
  await db
    .updateTable('workflow_runs')
    .set({
      ...NOTHING_LEFT,
      status: end.status,
      closed_ms: Math.floor(event.eventTime_ms),
      outcome: JSON.stringify(outcome),
    })
    .where('run_id', '=', run.run_id)
    .execute();
  for (const table of ['workflow_timers', 'workflow_activities', 'workflow_inbox'] as const) {
    await db.deleteFrom(table).where('run_id', '=', run.run_id).execute();
  }
  const unanswered = {
    failure: { message: 'the workflow ended', applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow' } },
  };
  await db
    .updateTable('workflow_updates')
    .set({ state: 'done', outcome: JSON.stringify(unanswered) })
    .where('run_id', '=', run.run_id)
    .where('state', '!=', 'done')
    .execute();
  if (newRunId !== undefined) return;
  if (run.parent_run_id !== null && run.parent_event_id !== null) {
    // A parent that ended long ago is forgotten, and has nothing to hear.
    const initiated = await findEvent(db, run.parent_run_id, run.parent_event_id);
    if (initiated) await arrive(db, run.parent_run_id, childEndEvent(end, initiated), run.parent_event_id);
  }
  await endChildren(db, run.run_id);
}

/** Its chain goes on in another run, where it continues as new, is tried again, or comes again by its cron schedule. */
async function follow(db: Change, run: RunRow, event: HistoryEvent): Promise<string | undefined> {
  const started = withParent(run, (await readEvent(db, run.run_id, 1)).attributes);
  const end = endOf(run.run_id, event);
  const next =
    event.eventType === 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW'
      ? continuedRequest(started, event.attributes)
      : ((RETRIED.has(event.eventType) ? retriedRequest(started, end?.failure ?? {}) : undefined) ??
        (end && (await nextOfCron(db, run, started, end))));
  if (!next) return undefined;
  // Of one id, one run is open at a time.
  await db.updateTable('workflow_runs').set({ status: 'CONTINUED_AS_NEW' }).where('run_id', '=', run.run_id).execute();
  return insertRun(db, { user_id: run.user_id, module_id: run.module_id }, next);
}

/** As the row has it: one that was reset goes on as another run, and of a child that was reset it no longer hears. */
function withParent({ parent_run_id }: RunRow, started: Fields): Fields {
  const { parentWorkflowInfo, parentInitiatedEventId, ...fields } = started;
  if (parent_run_id === null) return fields;
  return { ...fields, parentInitiatedEventId, parentWorkflowInfo: { ...parentWorkflowInfo, runId: parent_run_id } };
}

/** Not sooner after the first task of this run than a schedule may fire, and not at all after a wish to cancel it. */
async function nextOfCron(db: Change, run: RunRow, started: Fields, end: RunEnd): Promise<StartRequest | undefined> {
  if (run.cron === null || (await wasCancelled(db, run))) return undefined;
  const began_ms = run.started_ms + (milliseconds(started['firstWorkflowTaskBackoff']) ?? 0);
  const soonest_ms = began_ms + LIMITS.schedule_interval_ms_min;
  const now_ms = Date.now();
  return cronRequest(started, end, Math.max(now_ms, soonest_ms - 1), now_ms);
}

async function wasCancelled(db: Change, { run_id }: RunRow): Promise<boolean> {
  const wish = await db
    .selectFrom('workflow_events')
    .select('event_id')
    .where('run_id', '=', run_id)
    .where('type', '=', 'WORKFLOW_EXECUTION_CANCEL_REQUESTED')
    .limit(1)
    .executeTakeFirst();
  return wish !== undefined;
}

const RETRIED = new Set(['WORKFLOW_EXECUTION_FAILED', 'WORKFLOW_EXECUTION_TIMED_OUT']);

/** As their parent said when it started them. */
async function endChildren(db: Change, run_id: string): Promise<void> {
  const children = await db
    .selectFrom('workflow_runs')
    .select(['run_id', 'parent_event_id'])
    .where('parent_run_id', '=', run_id)
    .where('status', '=', 'RUNNING')
    .execute();
  for (const child of children) {
    const policy = (await readEvent(db, run_id, child.parent_event_id ?? 0)).attributes['parentClosePolicy'] as unknown;
    if (policy === 'PARENT_CLOSE_POLICY_REQUEST_CANCEL') {
      const attributes = { cause: 'by parent close policy' };
      await arrive(db, child.run_id, { eventType: 'WORKFLOW_EXECUTION_CANCEL_REQUESTED', attributes });
    } else if (policy !== 'PARENT_CLOSE_POLICY_ABANDON') {
      await endFromOutside(db, child.run_id, 'WORKFLOW_EXECUTION_TERMINATED', { reason: 'by parent close policy' });
    }
  }
}

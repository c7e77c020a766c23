/**
 * A workflow goes on from an earlier point of its history: a new run with the same beginning, of which the old one is
 * terminated. What was under way at that point is asked for again, its children go on as those of the new run, and
 * signals and updates that came later come again.
 */
import { randomUUID } from 'node:crypto';
import { childEndEvent, EngineError, type HistoryEvent, type NewEvent, type RunEnd } from '@hanabi/sandbox';
import type { Change } from '../storage/rows.ts';
import { alone } from '../storage/transaction.ts';
import { alreadyStarted, deadlineOf, findRun, requireRoom } from './begin-run.ts';
import { performEffects } from './effects.ts';
import { endFromOutside } from './end-run.ts';
import { appendEvents, arrive, readEvent, readEvents, readInbox, type RunRow } from './history.ts';
import { keepAttributes } from './run-attributes.ts';

/** What an event answers, by the attribute that names the event that asked. */
const ANSWERS = ['startedEventId', 'scheduledEventId', 'initiatedEventId'] as const;
const CHILD_ENDED = /^(?:CHILD_WORKFLOW_EXECUTION_(?!STARTED)|START_CHILD_WORKFLOW_EXECUTION_FAILED)/;

/** The id of the new run. EngineError NOT_FOUND where there is no such event or no earlier task, ALREADY_STARTED where a newer one runs. */
export async function resetRun(db: Change, { run_id: base_id }: RunRow, event_id: number): Promise<string> {
  const base = await lockRun(db, base_id);
  const events = await readEvents(db, base_id);
  if (event_id > events.length) throw new EngineError('NOT_FOUND', `its history has no event ${event_id}`);
  const started = events.findLastIndex(
    ({ eventId, eventType }) => eventId <= event_id && eventType === 'WORKFLOW_TASK_STARTED',
  );
  if (started < 0) throw new EngineError('NOT_FOUND', 'nothing of it was before that');
  const run_id = randomUUID();
  const failed = {
    eventId: started + 2,
    eventTime_ms: Date.now(),
    eventType: 'WORKFLOW_TASK_FAILED',
    attributes: { cause: 'RESET_WORKFLOW', baseRunId: base_id, newRunId: run_id },
  };
  const kept: HistoryEvent[] = [...events.slice(0, started + 1), failed];
  // Those that its code has not heard yet are not in its history, and end with the run.
  const later = [...events.slice(started + 1), ...(await readInbox(db, base_id)).map(({ event }) => event)];
  const updates = await openUpdates(db, base_id, kept, events);
  const children = await takeChildren(db, base_id, run_id, kept, later);

  await endFromOutside(db, base_id, 'WORKFLOW_EXECUTION_TERMINATED', { reason: `reset to event ${event_id}` });
  await requireRoom(db, base);
  await insertReset(db, base, run_id, kept);
  await performEffects(db, { ...base, run_id }, underWay(kept));
  for (const update of updates) {
    await db
      .insertInto('workflow_updates')
      .values({ ...update, run_id, outcome: null })
      .execute();
  }
  for (const { eventType, attributes } of later) {
    const initiated = attributes['initiatedEventId'] as number | undefined;
    const isAnswer = initiated !== undefined && initiated <= started;
    if (isAnswer || eventType === 'WORKFLOW_EXECUTION_SIGNALED') {
      await arrive(db, run_id, { eventType, attributes }, initiated);
    }
  }
  for (const child of children) await tellEnd(db, child);
  return run_id;
}

/** No task of it is committed any more, and nothing arrives, until the transaction ends. */
async function lockRun(db: Change, run_id: string): Promise<RunRow> {
  const run = await db
    .updateTable('workflow_runs')
    .set((eb) => ({ fence: eb('fence', '+', 1) }))
    .where('run_id', '=', run_id)
    .returningAll()
    .executeTakeFirst();
  if (!run) throw new EngineError('NOT_FOUND', run_id);
  await alone(db, 'workflows', run.user_id);
  const last = await findRun(db, run, run.workflow_id);
  if (last?.status === 'RUNNING' && last.run_id !== run_id) throw alreadyStarted(last);
  return run;
}

/** Timers, and activities, which have as much time as at first. */
function underWay(kept: readonly HistoryEvent[]): HistoryEvent[] {
  const answered = new Set(
    kept
      .filter(({ eventType }) => eventType !== 'ACTIVITY_TASK_CANCEL_REQUESTED')
      .flatMap(({ attributes }) => ANSWERS.map((name) => attributes[name] as unknown)),
  );
  const asked = /^(?:TIMER_STARTED|ACTIVITY_TASK_(?:SCHEDULED|CANCEL_REQUESTED))$/;
  return kept
    .filter(({ eventId, eventType }) => asked.test(eventType) && !answered.has(eventId))
    .map((event) => (event.eventType === 'ACTIVITY_TASK_SCHEDULED' ? { ...event, eventTime_ms: Date.now() } : event));
}

/** Updates that its code is to answer, of which it has accepted some within `kept`. */
async function openUpdates(db: Change, run_id: string, kept: readonly HistoryEvent[], events: readonly HistoryEvent[]) {
  const accepted = updatesIn(kept, 'ACCEPTED');
  const completed = updatesIn(kept, 'COMPLETED');
  const acceptedEver = updatesIn(events, 'ACCEPTED');
  const rows = await db
    .selectFrom('workflow_updates')
    .select(['update_id', 'request', 'state'])
    .where('run_id', '=', run_id)
    .execute();
  // One that was refused has left no trace in history, and stays refused.
  return rows
    .filter(({ update_id, state }) => state === 'waiting' || (acceptedEver.has(update_id) && !completed.has(update_id)))
    .map(({ update_id, request }) => {
      const state = accepted.has(update_id) ? ('accepted' as const) : ('waiting' as const);
      return { update_id, request, state };
    });
}

function updatesIn(events: readonly HistoryEvent[], kind: 'ACCEPTED' | 'COMPLETED'): ReadonlySet<string> {
  const found = events.filter(({ eventType }) => eventType === `WORKFLOW_EXECUTION_UPDATE_${kind}`);
  return new Set(found.map(({ attributes }) => attributes['protocolInstanceId'] as string));
}

/** Children of which neither history nor inbox knows the end: the new run will hear of it. */
async function takeChildren(
  db: Change,
  base_id: string,
  run_id: string,
  kept: readonly HistoryEvent[],
  later: readonly NewEvent[],
): Promise<RunRow[]> {
  const ended = new Set(
    [...kept, ...later]
      .filter(({ eventType }) => CHILD_ENDED.test(eventType))
      .map(({ attributes }) => attributes['initiatedEventId'] as number),
  );
  const open = kept
    .filter(({ eventType }) => eventType === 'START_CHILD_WORKFLOW_EXECUTION_INITIATED')
    .map(({ eventId }) => eventId)
    .filter((id) => !ended.has(id));
  if (open.length === 0) return [];
  return db
    .updateTable('workflow_runs')
    .set({ parent_run_id: run_id })
    .where('parent_run_id', '=', base_id)
    .where('parent_event_id', 'in', open)
    .returningAll()
    .execute();
}

/** A child that ended with the old run, or after it: there was nobody to hear of it. */
async function tellEnd(db: Change, { outcome, parent_run_id, parent_event_id }: RunRow): Promise<void> {
  if (outcome === null || parent_run_id === null || parent_event_id === null) return;
  const end = JSON.parse(outcome) as RunEnd;
  if (end.newRunId !== undefined) return;
  const initiated = await readEvent(db, parent_run_id, parent_event_id);
  await arrive(db, parent_run_id, childEndEvent(end, initiated), parent_event_id);
}

async function insertReset(db: Change, run: RunRow, run_id: string, kept: readonly HistoryEvent[]): Promise<void> {
  const now_ms = Date.now();
  const fresh = { failures: 0, failure: null, outcome: null, closed_ms: null, fence: 0 } as const;
  const { user_id, module_id, workflow_id, workflow_type, first_run_id, cron, paused } = run;
  const same = { user_id, module_id, workflow_id, workflow_type, first_run_id, cron, paused };
  // Its parent has heard of the end of the old one.
  const orphan = { parent_run_id: null, parent_event_id: null };
  await db
    .insertInto('workflow_runs')
    .values({
      ...same,
      ...orphan,
      ...fresh,
      run_id,
      status: 'RUNNING',
      events: kept.length,
      started_ms: now_ms,
      deadline_ms: deadlineOf(kept[0]!, now_ms),
      wake_ms: now_ms,
      lease_owner: null,
      lease_expires_ms: null,
    })
    .execute();
  await appendEvents(db, run_id, kept);
  await keepAttributes(db, run_id, kept);
}

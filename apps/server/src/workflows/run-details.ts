/** One run as its user sees it: what happened, what it waits for, and what went wrong. */
import type { PendingActivity, WorkflowDetails, WorkflowEvent } from '@hanabi/protocol';
import { type Failure, type Fields, type HistoryEvent, type Payload, valueOf } from '@hanabi/sandbox';
import type { Db } from '../storage/db.ts';
import type { ActivityRow } from './activity-rows.ts';
import { readEvents, type RunRow } from './history.ts';
import { failureView, resultOf, summaryOf } from './run-view.ts';

const EVENTS_SHOWN = 2000;
const DETAIL_CHARS_MAX = 500;

export async function detailsOf(db: Db, run: RunRow, module_name: string): Promise<WorkflowDetails> {
  const { value, failure } = resultOf(run);
  const events = await readEvents(db, run.run_id);
  const task = run.failure === null ? undefined : (JSON.parse(run.failure) as Failure);
  const apart = task?.['nondeterminism'] as Fields | undefined;
  return {
    summary: { ...summaryOf(run), module_id: run.module_id, module_name },
    value,
    failure,
    task_failure: failureView(task),
    nondeterminism: apart
      ? { event_id: apart['eventId'] ?? null, history: apart['expected'], code: apart['got'] }
      : null,
    activities: await pendingActivities(db, run.run_id, events),
    timers: await pendingTimers(db, run.run_id),
    events: eventsView(events),
  };
}

/** The newest first. */
export function eventsView(events: readonly HistoryEvent[]): WorkflowEvent[] {
  return events.filter(isShown).slice(-EVENTS_SHOWN).map(eventView).toReversed();
}

export function heartbeatView(details: readonly Payload[]): string {
  return details.map((each) => JSON.stringify(valueOf(each))).join(', ');
}

/** Tasks come with everything that happens, and say nothing themselves. */
export function isShown({ eventType }: HistoryEvent): boolean {
  return !eventType.startsWith('WORKFLOW_TASK_');
}

export function eventView({ eventId, eventTime_ms, eventType, attributes }: HistoryEvent): WorkflowEvent {
  return {
    event_id: eventId,
    at: new Date(eventTime_ms).toISOString(),
    type: eventType,
    name: nameOf(attributes),
    detail: detailOf(attributes).slice(0, DETAIL_CHARS_MAX).toWellFormed(),
  };
}

export function nameOf(attributes: Fields): string {
  const { activityType, workflowType, signalName, timerId, patchId, acceptedRequest } = attributes;
  return String(
    activityType?.name ?? workflowType?.name ?? signalName ?? acceptedRequest?.name ?? patchId ?? timerId ?? '',
  );
}

function detailOf(attributes: Fields): string {
  const { failure, result, input, outcome, reason, cause, acceptedRequest } = attributes;
  const failed = failureView((failure ?? outcome?.failure) as Failure | undefined);
  if (failed) return failed.message;
  const value = (result ?? outcome?.completed) as Payload | undefined;
  if (value) return JSON.stringify(valueOf(value));
  const given = (input ?? acceptedRequest?.input) as Payload[] | undefined;
  if (given) return given.map((each) => JSON.stringify(valueOf(each))).join(', ');
  return String(reason ?? cause ?? '');
}

async function pendingActivities(db: Db, run_id: string, events: readonly HistoryEvent[]): Promise<PendingActivity[]> {
  const rows = await db
    .selectFrom('workflow_activities')
    .selectAll()
    .where('run_id', '=', run_id)
    .orderBy('event_id')
    .execute();
  return rows.map((row) => ({
    event_id: row.event_id,
    name: nameOf(events[row.event_id - 1]?.attributes ?? {}),
    attempt: row.attempt,
    state: stateOf(row),
    due_at: new Date(row.due_ms).toISOString(),
    heartbeat: heartbeatView(JSON.parse(row.heartbeat) as Payload[]),
    last_failure: failureView(row.failure === null ? undefined : (JSON.parse(row.failure) as Failure)),
  }));
}

function stateOf({ is_open, lease_owner, started_ms, due_ms }: ActivityRow): PendingActivity['state'] {
  if (is_open) return 'open';
  if (lease_owner !== null && started_ms !== null) return 'running';
  return due_ms > Date.now() ? 'later' : 'waiting';
}

async function pendingTimers(db: Db, run_id: string): Promise<WorkflowDetails['timers']> {
  const rows = await db
    .selectFrom('workflow_timers')
    .select(['event_id', 'due_ms'])
    .where('run_id', '=', run_id)
    .orderBy('due_ms')
    .execute();
  return rows.map(({ event_id, due_ms }) => ({ event_id, due_at: new Date(due_ms).toISOString() }));
}

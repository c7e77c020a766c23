/** What a cluster says of runs, as their users see them. */
import type { PendingActivity, WorkflowDetails, WorkflowSummary } from '@hanabi/protocol';
import { endOf, type Failure, type Fields, type HistoryEvent, milliseconds, type RunStatus } from '@hanabi/sandbox';
import { endView, failureView, STATES } from '../run-view.ts';
import { eventsView, heartbeatView, nameOf } from '../run-details.ts';
import type { WorkflowOwner } from '../begin-run.ts';
import { ownedIn } from './names.ts';

/** Undefined for a run that is not of this house. */
export function runIn(line: Fields): { owner: WorkflowOwner; summary: WorkflowSummary } | undefined {
  const named = ownedIn(String(line['workflowId']));
  if (!named) return undefined;
  const attempt = Number(line['pendingWorkflowTask']?.attempt ?? 1);
  const summary = {
    id: named.id,
    run_id: String(line['runId']),
    workflow: String(line['workflowType']),
    state: STATES[line['status'] as RunStatus],
    started_at: timeOf(line['startTime']),
    closed_at: line['closeTime'] ? timeOf(line['closeTime']) : null,
    events: line['historyLength'],
    task_failures: attempt - 1,
    paused: false,
    cron: null,
  };
  return { owner: named.owner, summary };
}

/** An event in the cluster’s words, in ours. */
export function eventOf({ eventId, eventTime, eventType, ...fields }: Fields): HistoryEvent {
  const found = Object.entries(fields).find(([name]) => name.endsWith('EventAttributes'));
  const { input, result, acceptedRequest, outcome, ...attributes } = (found?.[1] ?? {}) as Fields;
  return {
    eventId: Number(eventId),
    eventTime_ms: milliseconds(eventTime) ?? 0,
    eventType: String(eventType).replace('EVENT_TYPE_', ''),
    attributes: {
      ...attributes,
      input: input?.payloads,
      result: result?.payloads?.[0],
      acceptedRequest: acceptedRequest && {
        name: acceptedRequest.input?.name,
        input: acceptedRequest.input?.args?.payloads,
      },
      outcome: outcome && { completed: outcome.success?.payloads?.[0], failure: outcome.failure },
    },
  };
}

export function detailsOf(line: Fields, summary: WorkflowDetails['summary'], events: HistoryEvent[]): WorkflowDetails {
  const last = events.at(-1);
  const { value, failure } = endView(
    { run_id: summary.run_id, status: line['status'] as RunStatus },
    last && endOf(summary.run_id, last),
  );
  return {
    summary,
    value,
    failure,
    task_failure: summary.task_failures > 0 ? failureView(lastTaskFailure(events)) : null,
    // Temporal’s state machines say it in the failure of the task.
    nondeterminism: null,
    activities: pendingActivities((line['pendingActivities'] ?? []) as Fields[], events),
    timers: pendingTimers(events),
    events: eventsView(events),
  };
}

/** The end of the task that the event belongs to, as the cluster wants it for a reset; undefined: nothing was before. */
export function taskEndBefore(events: readonly HistoryEvent[], event_id: number): number | undefined {
  const started = events.findLast(
    ({ eventId, eventType }) => eventId <= event_id && eventType === 'WORKFLOW_TASK_STARTED',
  );
  return events.find(({ eventId, eventType }) => eventId > (started?.eventId ?? Infinity) && TASK_ENDS.test(eventType))
    ?.eventId;
}

const TASK_ENDS = /^WORKFLOW_TASK_(?:COMPLETED|FAILED|TIMED_OUT)$/;

function lastTaskFailure(events: readonly HistoryEvent[]): Failure | undefined {
  return events.findLast(({ eventType }) => eventType === 'WORKFLOW_TASK_FAILED')?.attributes['failure'] as
    | Failure
    | undefined;
}

function pendingActivities(pending: readonly Fields[], events: readonly HistoryEvent[]): PendingActivity[] {
  return pending.map((each) => {
    const scheduled = events.findLast(
      ({ eventType, attributes }) =>
        eventType === 'ACTIVITY_TASK_SCHEDULED' && attributes['activityId'] === each['activityId'],
    );
    return {
      event_id: scheduled?.eventId ?? 0,
      name: nameOf(each),
      attempt: Number(each['attempt'] ?? 1),
      state: stateOf(each),
      due_at: timeOf(each['scheduledTime']),
      heartbeat: heartbeatView(each['heartbeatDetails']?.payloads ?? []),
      last_failure: failureView(each['lastFailure'] as Failure | undefined),
    };
  });
}

function stateOf({ state, scheduledTime }: Fields): PendingActivity['state'] {
  if (state !== 'PENDING_ACTIVITY_STATE_SCHEDULED') return 'running';
  return (milliseconds(scheduledTime) ?? 0) > Date.now() ? 'later' : 'waiting';
}

function pendingTimers(events: readonly HistoryEvent[]): WorkflowDetails['timers'] {
  const over = new Set(
    events
      .filter(({ eventType }) => eventType === 'TIMER_FIRED' || eventType === 'TIMER_CANCELED')
      .map(({ attributes }) => Number(attributes['startedEventId'])),
  );
  return events
    .filter(({ eventId, eventType }) => eventType === 'TIMER_STARTED' && !over.has(eventId))
    .map(({ eventId, eventTime_ms, attributes }) => ({
      event_id: eventId,
      due_at: new Date(eventTime_ms + (milliseconds(attributes['startToFireTimeout']) ?? 0)).toISOString(),
    }));
}

function timeOf(time: Fields | undefined): string {
  return new Date(milliseconds(time) ?? 0).toISOString();
}

import { nextCronRun } from './cron.ts';
import type { Pending } from './pending.ts';
import type { Failure, Fields, HistoryEvent, Job, NewEvent } from './wire.ts';

/** What one command comes to: the event it leaves in history, and what the code is told at once. */
export interface Outcome {
  readonly event?: NewEvent;
  /** Of what kind its open end is, if somebody answers the event later. */
  readonly awaits?: 'timer' | 'activity' | 'child' | 'signal' | 'cancel';
  readonly seq?: number;
  readonly immediately?: Job;
}

/** What the outcome of a command may depend on. */
export interface Known {
  readonly pending: Pending;
  /** Patches that history has already. */
  readonly patches: Set<string>;
  /** Updates that were accepted, by their protocol instance. */
  readonly acceptedUpdates: Set<string>;
  /** The request of an update that is being answered. */
  request(protocolInstanceId: string): Fields | undefined;
}

type Handler = (fields: Fields, known: Known) => Outcome;

const ended =
  (eventType: string): Handler =>
  (fields) => ({ event: { eventType, attributes: fields } });

const HANDLERS: Readonly<Record<string, Handler>> = {
  startTimer: ({ seq, startToFireTimeout }) => ({
    event: { eventType: 'TIMER_STARTED', attributes: { timerId: String(seq), startToFireTimeout } },
    awaits: 'timer',
    seq,
  }),
  cancelTimer({ seq }, { pending }) {
    const startedEventId = pending.bySeq('timer', seq)?.eventId;
    pending.drop('timer', seq);
    return { event: { eventType: 'TIMER_CANCELED', attributes: { timerId: String(seq), startedEventId } } };
  },
  scheduleActivity: scheduleActivity,
  // Kept like any other activity: its result is in history before the workflow goes on.
  scheduleLocalActivity: (fields) => scheduleActivity({ ...fields, isLocal: true, localSeq: fields['seq'] }),
  requestCancelActivity: cancelActivity,
  requestCancelLocalActivity: cancelActivity,
  startChildWorkflowExecution: ({ seq, workflowType, ...fields }) => {
    // One that cannot be read fails the task, and not the child.
    if (fields['cronSchedule']) nextCronRun(fields['cronSchedule'], 0);
    const attributes = { ...fields, workflowType: { name: workflowType } };
    return { event: { eventType: 'START_CHILD_WORKFLOW_EXECUTION_INITIATED', attributes }, awaits: 'child', seq };
  },
  cancelChildWorkflowExecution: cancelChild,
  signalExternalWorkflowExecution: ({ seq, args, ...fields }) => ({
    event: { eventType: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED', attributes: { ...fields, input: args ?? [] } },
    awaits: 'signal',
    seq,
  }),
  // It is on its way already: whoever asked hears of its end as before.
  cancelSignalWorkflow: () => ({}),
  requestCancelExternalWorkflowExecution: ({ seq, ...fields }) => ({
    event: { eventType: 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED', attributes: fields },
    awaits: 'cancel',
    seq,
  }),
  setPatchMarker({ patchId, deprecated }, { patches }) {
    if (patches.has(patchId)) return {};
    patches.add(patchId);
    const attributes = { markerName: 'core_patch', patchId, deprecated: deprecated ?? false };
    return { event: { eventType: 'MARKER_RECORDED', attributes } };
  },
  upsertWorkflowSearchAttributes: ended('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES'),
  modifyWorkflowProperties: ended('WORKFLOW_PROPERTIES_MODIFIED'),
  completeWorkflowExecution: ended('WORKFLOW_EXECUTION_COMPLETED'),
  failWorkflowExecution: ended('WORKFLOW_EXECUTION_FAILED'),
  cancelWorkflowExecution: ended('WORKFLOW_EXECUTION_CANCELED'),
  continueAsNewWorkflowExecution: ended('WORKFLOW_EXECUTION_CONTINUED_AS_NEW'),
  updateResponse: answerUpdate,
  respondToQuery: () => ({}),
};

export function outcomeOf(kind: string, fields: Fields, known: Known): Outcome {
  // The kind is the word of a process: what every object has is no command.
  const handler = Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
  if (!handler) throw new TypeError(`there is no command ${kind}`);
  return handler(fields, known);
}

/** Whether an event comes from a command: these follow the task that gave them, and are compared on replay. */
export function isCommandEvent({ eventType }: Pick<HistoryEvent, 'eventType'>): boolean {
  return COMMAND_EVENTS.has(eventType);
}

const TERMINAL_EVENTS = new Set([
  'WORKFLOW_EXECUTION_COMPLETED',
  'WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_CANCELED',
  'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
]);

const COMMAND_EVENTS = new Set([
  ...TERMINAL_EVENTS,
  'TIMER_STARTED',
  'TIMER_CANCELED',
  'ACTIVITY_TASK_SCHEDULED',
  'ACTIVITY_TASK_CANCEL_REQUESTED',
  'START_CHILD_WORKFLOW_EXECUTION_INITIATED',
  'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
  'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
  'MARKER_RECORDED',
  'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  'WORKFLOW_PROPERTIES_MODIFIED',
  'WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
  'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
]);

/** Whether a command ended the run. Terminating and timing out are not up to its code. */
export function isTerminalEvent({ eventType }: NewEvent): boolean {
  return TERMINAL_EVENTS.has(eventType);
}

/** What must be the same on replay, in words for people. Arguments may differ: code may be mended. */
export function signature({ eventType, attributes }: NewEvent): string {
  const detail =
    attributes['timerId'] ??
    attributes['activityType']?.name ??
    attributes['workflowType']?.name ??
    attributes['signalName'] ??
    attributes['patchId'] ??
    attributes['protocolInstanceId'];
  return detail === undefined ? eventType : `${eventType} ${String(detail)}`;
}

function scheduleActivity({ seq, activityType, arguments: input, ...fields }: Fields): Outcome {
  const attributes = { ...fields, activityType: { name: activityType }, input: input ?? [] };
  return { event: { eventType: 'ACTIVITY_TASK_SCHEDULED', attributes }, awaits: 'activity', seq };
}

function cancelActivity({ seq }: Fields, { pending }: Known): Outcome {
  const scheduled = pending.bySeq('activity', seq);
  if (!scheduled) return {};
  const { activityType, activityId, cancellationType } = scheduled.attributes;
  const requested: NewEvent = {
    eventType: 'ACTIVITY_TASK_CANCEL_REQUESTED',
    attributes: { scheduledEventId: scheduled.eventId },
  };
  if (cancellationType === 'WAIT_CANCELLATION_COMPLETED') return { event: requested };
  pending.settle('activity', seq);
  const failure: Failure = {
    message: 'Activity cancelled',
    cause: { message: 'Cancelled', canceledFailureInfo: {} },
    activityFailureInfo: { scheduledEventId: scheduled.eventId, activityType, activityId },
  };
  const immediately = { resolveActivity: { seq, result: { cancelled: { failure } } } };
  return cancellationType === 'ABANDON' ? { immediately } : { event: requested, immediately };
}

function cancelChild({ childWorkflowSeq: seq }: Fields, { pending }: Known): Outcome {
  const initiated = pending.bySeq('child', seq);
  if (!initiated) return {};
  const { workflowId, workflowType, cancellationType } = initiated.attributes;
  const requested: NewEvent = {
    eventType: 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
    attributes: { workflowExecution: { workflowId }, childInitiatedEventId: initiated.eventId },
  };
  if (String(cancellationType).startsWith('WAIT_')) return { event: requested };
  pending.settle('child', seq);
  const failure: Failure = {
    message: 'Child workflow cancelled',
    cause: { message: 'Cancelled', canceledFailureInfo: {} },
    childWorkflowExecutionFailureInfo: { workflowExecution: { workflowId }, workflowType },
  };
  const immediately = { resolveChildWorkflowExecution: { seq, result: { cancelled: { failure } } } };
  return cancellationType === 'ABANDON' ? { immediately } : { event: requested, immediately };
}

function answerUpdate({ protocolInstanceId, ...response }: Fields, known: Known): Outcome {
  if (response['accepted']) {
    known.acceptedUpdates.add(protocolInstanceId);
    const attributes = { protocolInstanceId, acceptedRequest: known.request(protocolInstanceId) };
    return { event: { eventType: 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED', attributes } };
  }
  // Refused by its validator: it leaves no trace.
  if (!known.acceptedUpdates.has(protocolInstanceId)) return {};
  const outcome = response['rejected'] ? { failure: response['rejected'] } : { completed: response['completed'] };
  return {
    event: { eventType: 'WORKFLOW_EXECUTION_UPDATE_COMPLETED', attributes: { protocolInstanceId, outcome } },
  };
}

import { type Fields, type Payload, wireTime } from '../wire.ts';

/** What the export knows beside the event itself. */
export interface ExportContext {
  readonly namespace: string;
  /** The number that an event of ours has in the exported history. */
  readonly idOf: (eventId: number) => number;
  /** The task whose commands the event belongs to. */
  readonly taskCompletedEventId: number;
  readonly taskScheduledEventId: number;
  readonly taskStartedEventId: number;
  /** That which began an activity or a child, by the event that asked for it. */
  readonly startedOf: (askedEventId: number) => number | undefined;
  /** The acceptance of an update. */
  readonly acceptedOf: (protocolInstanceId: string) => number | undefined;
}

type Translate = (attributes: Fields, context: ExportContext) => Fields;

/** Core's checks that a replayed command has the same id and type, and that a command may follow the last one. */
const CORE_FLAGS = [1, 3];

/** Events of ours in Temporal's words, with the numbers of the exported history. */
export const ATTRIBUTES: Readonly<Record<string, Translate>> = {
  WORKFLOW_EXECUTION_STARTED: started,
  WORKFLOW_EXECUTION_COMPLETED: ({ result }, { taskCompletedEventId }) => ({
    result: result && payloads([result]),
    workflowTaskCompletedEventId: taskCompletedEventId,
  }),
  WORKFLOW_EXECUTION_FAILED: ofTask,
  WORKFLOW_EXECUTION_CANCELED: ofTask,
  WORKFLOW_EXECUTION_CONTINUED_AS_NEW: ({ workflowType, taskQueue, arguments: input, ...fields }, context) =>
    ofTask(
      {
        ...commonOptions(fields),
        workflowType: named(workflowType),
        taskQueue: named(taskQueue),
        input: payloads(input),
      },
      context,
    ),
  WORKFLOW_EXECUTION_TERMINATED: (fields) => fields,
  WORKFLOW_EXECUTION_TIMED_OUT: (fields) => fields,
  WORKFLOW_EXECUTION_SIGNALED: ({ input, ...fields }) => ({ ...fields, input: payloads(input) }),
  WORKFLOW_EXECUTION_CANCEL_REQUESTED: (fields) => fields,
  WORKFLOW_EXECUTION_UPDATE_ACCEPTED: updateAccepted,
  WORKFLOW_EXECUTION_UPDATE_COMPLETED: updateCompleted,

  WORKFLOW_TASK_SCHEDULED: () => ({ attempt: 1 }),
  WORKFLOW_TASK_STARTED: (fields, { taskScheduledEventId }) => ({ ...fields, scheduledEventId: taskScheduledEventId }),
  WORKFLOW_TASK_COMPLETED: (_, { taskScheduledEventId, taskStartedEventId }) => ({
    scheduledEventId: taskScheduledEventId,
    startedEventId: taskStartedEventId,
    sdkMetadata: { coreUsedFlags: CORE_FLAGS },
  }),
  WORKFLOW_TASK_FAILED: ({ cause, failure }, { taskScheduledEventId, taskStartedEventId }) => ({
    scheduledEventId: taskScheduledEventId,
    startedEventId: taskStartedEventId,
    cause: `WORKFLOW_TASK_FAILED_CAUSE_${cause}`,
    failure,
  }),

  TIMER_STARTED: ofTask,
  TIMER_FIRED: ({ timerId, startedEventId }, { idOf }) => ({ timerId, startedEventId: idOf(startedEventId) }),
  TIMER_CANCELED: ({ startedEventId, ...fields }, context) =>
    ofTask({ ...fields, startedEventId: context.idOf(startedEventId) }, context),

  ACTIVITY_TASK_SCHEDULED: ({ taskQueue, input, headers, ...fields }, context) =>
    ofTask({ ...fields, taskQueue: named(taskQueue), input: payloads(input), header: header(headers) }, context),
  ACTIVITY_TASK_STARTED: ({ scheduledEventId, attempt }, { idOf }) => ({
    scheduledEventId: idOf(scheduledEventId),
    attempt,
  }),
  ACTIVITY_TASK_COMPLETED: (fields, context) => activityEnd({ result: payloads([fields['result']]) }, fields, context),
  ACTIVITY_TASK_FAILED: activityFailure,
  ACTIVITY_TASK_TIMED_OUT: activityFailure,
  ACTIVITY_TASK_CANCELED: (fields, context) => activityEnd({}, fields, context),
  ACTIVITY_TASK_CANCEL_REQUESTED: ({ scheduledEventId }, context) =>
    ofTask({ scheduledEventId: context.idOf(scheduledEventId) }, context),

  START_CHILD_WORKFLOW_EXECUTION_INITIATED: ({ taskQueue, input, headers, ...fields }, context) =>
    ofTask(
      { ...commonOptions(fields), taskQueue: named(taskQueue), input: payloads(input), header: header(headers) },
      context,
    ),
  START_CHILD_WORKFLOW_EXECUTION_FAILED: ({ initiatedEventId, cause, ...fields }, { idOf, namespace }) => ({
    ...fields,
    namespace,
    initiatedEventId: idOf(initiatedEventId),
    cause: `START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_${cause}`,
  }),
  CHILD_WORKFLOW_EXECUTION_STARTED: ({ initiatedEventId, ...fields }, { idOf, namespace }) => ({
    ...fields,
    namespace,
    initiatedEventId: idOf(initiatedEventId),
  }),
  CHILD_WORKFLOW_EXECUTION_COMPLETED: ({ result, ...fields }, context) =>
    childEnd({ ...fields, result: result && payloads([result]) }, context),
  // Which child failed, and that it was one, says the event itself; its failure is what made it fail.
  CHILD_WORKFLOW_EXECUTION_FAILED: ({ failure, ...fields }, context) =>
    childEnd({ ...fields, failure: failure?.cause ?? failure }, context),
  CHILD_WORKFLOW_EXECUTION_CANCELED: childEnd,
  CHILD_WORKFLOW_EXECUTION_TIMED_OUT: childEnd,
  CHILD_WORKFLOW_EXECUTION_TERMINATED: childEnd,

  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: ({ childWorkflowId, workflowExecution, input, ...fields }, context) =>
    ofTask(
      {
        ...fields,
        namespace: context.namespace,
        workflowExecution: workflowExecution ?? { workflowId: childWorkflowId },
        childWorkflowOnly: childWorkflowId !== undefined,
        input: payloads(input),
      },
      context,
    ),
  REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: ({ childInitiatedEventId, ...fields }, context) =>
    ofTask(
      { ...fields, namespace: context.namespace, childWorkflowOnly: childInitiatedEventId !== undefined },
      context,
    ),
  EXTERNAL_WORKFLOW_EXECUTION_SIGNALED: external,
  EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED: external,
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED: (fields, context) => ({
    ...external(fields, context),
    cause: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND',
  }),
  REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED: (fields, context) => ({
    ...external(fields, context),
    cause: 'CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND',
  }),

  MARKER_RECORDED: ({ markerName, patchId, deprecated }, context) =>
    ofTask({ markerName, details: { 'patch-data': payloads([json({ id: patchId, deprecated })]) } }, context),
  UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: ofTask,
  WORKFLOW_PROPERTIES_MODIFIED: ofTask,
};

/** How a local activity is in Temporal's history: one marker, with its result and whose it is. */
export function localActivityMarker(scheduled: Fields, end: Fields, ended_ms: number): Fields {
  const { activityId, activityType, localSeq } = scheduled;
  const data = {
    seq: localSeq,
    attempt: end['attempt'] ?? 1,
    activity_id: activityId,
    activity_type: activityType.name,
    complete_time: wireTime(ended_ms),
    backoff: null,
    original_schedule_time: null,
  };
  const details = { data: payloads([json(data)]) };
  return {
    markerName: 'core_local_activity',
    details: end['result'] ? { ...details, result: payloads([end['result']]) } : details,
    failure: end['failure'],
  };
}

function started(attributes: Fields, { namespace }: ExportContext): Fields {
  const { runId, input, parentWorkflowInfo, rootWorkflow, continuedFromExecutionRunId, headers, ...fields } =
    attributes;
  return {
    ...fields,
    input: payloads(input),
    header: header(headers),
    originalExecutionRunId: runId,
    continuedExecutionRunId: continuedFromExecutionRunId,
    parentWorkflowNamespace: parentWorkflowInfo && namespace,
    parentWorkflowExecution: parentWorkflowInfo,
    rootWorkflowExecution: rootWorkflow,
  };
}

function updateAccepted(
  { protocolInstanceId, acceptedRequest }: Fields,
  { taskStartedEventId }: ExportContext,
): Fields {
  const { id, name, input, headers } = (acceptedRequest ?? {}) as Fields;
  return {
    protocolInstanceId,
    acceptedRequestMessageId: `${protocolInstanceId}/request`,
    acceptedRequestSequencingEventId: taskStartedEventId - 1,
    acceptedRequest: { meta: { updateId: id }, input: { name, args: payloads(input), header: header(headers) } },
  };
}

function updateCompleted({ protocolInstanceId, outcome }: Fields, { acceptedOf }: ExportContext): Fields {
  const { completed, failure } = outcome as Fields;
  return {
    meta: { updateId: protocolInstanceId },
    acceptedEventId: acceptedOf(protocolInstanceId),
    outcome: failure ? { failure } : { success: payloads(completed ? [completed] : []) },
  };
}

function activityFailure(fields: Fields, context: ExportContext): Fields {
  // Core wraps it again: that an activity failed, and which, says the event.
  const { cause, activityFailureInfo } = (fields['failure'] ?? {}) as Fields;
  return activityEnd({ failure: cause, retryState: activityFailureInfo?.retryState }, fields, context);
}

function activityEnd(what: Fields, { scheduledEventId }: Fields, { idOf, startedOf }: ExportContext): Fields {
  return { ...what, scheduledEventId: idOf(scheduledEventId), startedEventId: startedOf(scheduledEventId) };
}

function childEnd({ initiatedEventId, ...fields }: Fields, { idOf, startedOf, namespace }: ExportContext): Fields {
  return {
    ...fields,
    namespace,
    initiatedEventId: idOf(initiatedEventId),
    startedEventId: startedOf(initiatedEventId),
  };
}

function external({ initiatedEventId }: Fields, { idOf, namespace }: ExportContext): Fields {
  return { initiatedEventId: idOf(initiatedEventId), namespace };
}

function ofTask(fields: Fields, { taskCompletedEventId }: ExportContext): Fields {
  return { ...fields, workflowTaskCompletedEventId: taskCompletedEventId };
}

/** What is the same for children and for going on as new. */
function commonOptions({ memo, ...fields }: Fields): Fields {
  return memo ? { ...fields, memo: { fields: memo } } : fields;
}

function payloads(values: readonly Payload[] | undefined): Fields | undefined {
  return values && { payloads: values.filter((value) => value !== undefined) };
}

function header(fields: Fields | undefined): Fields | undefined {
  return fields && { fields };
}

function named(name: string | undefined): Fields | undefined {
  return name ? { name } : undefined;
}

function json(value: unknown): Payload {
  return { metadata: { encoding: base64('json/plain') }, data: base64(JSON.stringify(value)) };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

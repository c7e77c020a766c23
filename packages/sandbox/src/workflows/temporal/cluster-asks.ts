/** What scripts and servers ask of their engine, as requests to a cluster. */
import { randomUUID } from 'node:crypto';
import { EngineError } from '../engine-error.ts';
import { endOf, type RunEnd } from '../run-end.ts';
import type { Fields, Payload } from '../wire.ts';
import type { ClusterCaller } from './cluster.ts';

type Ask = (fields: Fields) => Promise<unknown>;

const PAGE = 200;

export function clusterAsks(cluster: ClusterCaller): Readonly<Record<string, Ask>> {
  const call = (rpc: string, fields: Fields) => cluster.call(rpc, fields);
  return {
    start: (fields) => start(cluster, fields),
    result: (fields) => result(cluster, execution(fields)),
    signal: ({ signalName, input, requestId, ...target }) => {
      const signal = { workflowExecution: execution(target), signalName, input: payloads(input) };
      return call('SignalWorkflowExecution', requestId ? { ...signal, requestId } : signal);
    },
    query: (fields) => query(cluster, fields),
    update: (fields) => update(cluster, fields),
    updateResult: ({ workflowId, updateId }) => updateResult(cluster, { workflowId }, updateId),
    cancel: ({ reason, ...target }) =>
      call('RequestCancelWorkflowExecution', { workflowExecution: execution(target), reason }),
    terminate: ({ reason, details, ...target }) =>
      call('TerminateWorkflowExecution', { workflowExecution: execution(target), reason, details: payloads(details) }),
    describe: (fields) => describe(cluster, execution(fields)),
    history: (fields) => history(cluster, execution(fields)),
    list: ({ query: text, limit }) => list(cluster, text, limit),
    completeActivity: ({ result: end, ...which }) => completeActivity(cluster, which, end),
    heartbeatActivity: ({ details, ...which }) => {
      const { suffix, request } = named(which);
      return call(`RecordActivityTaskHeartbeat${suffix}`, { ...request, details: payloads(details) });
    },
  };
}

async function start(cluster: ClusterCaller, fields: Fields): Promise<Fields> {
  const { workflowId, signal, memo } = fields;
  const request = {
    workflowId,
    workflowType: { name: fields['workflowType'] },
    taskQueue: { name: fields['taskQueue'] },
    input: payloads(fields['input']),
    workflowIdReusePolicy: `WORKFLOW_ID_REUSE_POLICY_${fields['idReusePolicy']}`,
    workflowIdConflictPolicy: `WORKFLOW_ID_CONFLICT_POLICY_${fields['idConflictPolicy']}`,
    workflowExecutionTimeout: fields['executionTimeout'],
    workflowRunTimeout: fields['runTimeout'],
    workflowTaskTimeout: fields['taskTimeout'],
    retryPolicy: fields['retryPolicy'],
    cronSchedule: fields['cronSchedule'],
    memo: memo && { fields: memo },
    searchAttributes: fields['searchAttributes'],
    workflowStartDelay: fields['startDelay'],
  };
  const { runId } = signal
    ? await cluster.call('SignalWithStartWorkflowExecution', {
        ...request,
        signalName: signal.name,
        signalInput: payloads(signal.input),
      })
    : await cluster.call('StartWorkflowExecution', request);
  return { runId };
}

/** Waits for the end of one run, however long that is. */
async function result(cluster: ClusterCaller, run: Fields): Promise<RunEnd> {
  let nextPageToken: string | undefined;
  for (;;) {
    const answer = await cluster.call('GetWorkflowExecutionHistory', {
      execution: run,
      waitNewEvent: true,
      historyEventFilterType: 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT',
      nextPageToken,
    });
    const closing = (answer['history']?.events as Fields[] | undefined)?.at(-1);
    if (closing) return closed(run, closing);
    nextPageToken = answer['nextPageToken'] as string;
  }
}

function closed({ runId }: Fields, { eventType, ...event }: Fields): RunEnd {
  const attributes = Object.entries(event).find(([name]) => name.endsWith('EventAttributes'))?.[1] as Fields;
  const end = endOf(runId, {
    eventType: String(eventType).replace('EVENT_TYPE_', ''),
    attributes: { ...attributes, result: attributes['result']?.payloads?.[0] },
  });
  if (!end) throw new EngineError('INTERNAL', `the cluster calls ${eventType} an end`);
  return { ...end, newRunId: attributes['newExecutionRunId'] };
}

async function query(cluster: ClusterCaller, { queryType, arguments: queryArgs, ...target }: Fields): Promise<Fields> {
  const request = { execution: execution(target), query: { queryType, queryArgs: payloads(queryArgs) } };
  const { queryResult } = await cluster.call('QueryWorkflow', request).catch((error: unknown) => {
    // That is how a cluster says that the code of the workflow refused the question.
    if (error instanceof EngineError && error.kind === 'INVALID_ARGUMENT')
      throw new EngineError('QUERY_FAILED', error.message);
    throw error;
  });
  return { response: queryResult?.payloads?.[0] };
}

/** Waits until the update is accepted or answered; the cluster may want to be asked more than once. */
async function update(cluster: ClusterCaller, { name, input, updateId, stage, ...target }: Fields): Promise<Fields> {
  const id = (updateId as string | null) ?? randomUUID();
  const request = {
    workflowExecution: execution(target),
    waitPolicy: { lifecycleStage: updateStage(stage) },
    request: { meta: { updateId: id, identity: cluster.identity }, input: { name, args: payloads(input) } },
  };
  for (;;) {
    const { outcome, stage: reached } = await cluster.call('UpdateWorkflowExecution', request);
    if (outcome) return { updateId: id, outcome: updateOutcome(outcome) };
    if (stage !== 'COMPLETED' && reached === updateStage('ACCEPTED')) return { updateId: id };
  }
}

async function updateResult(cluster: ClusterCaller, target: Fields, updateId: string): Promise<Fields> {
  for (;;) {
    const { outcome } = await cluster.call('PollWorkflowExecutionUpdate', {
      updateRef: { workflowExecution: execution(target), updateId },
      waitPolicy: { lifecycleStage: updateStage('COMPLETED') },
    });
    if (outcome) return updateOutcome(outcome);
  }
}

function updateStage(name: string): string {
  return `UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_${name}`;
}

function updateOutcome({ failure, success }: Fields): Fields {
  return failure ? { failure } : { completed: success?.payloads?.[0] };
}

async function describe(cluster: ClusterCaller, run: Fields): Promise<Fields> {
  const answer = await cluster.call('DescribeWorkflowExecution', { execution: run });
  const { pendingActivities = [], pendingWorkflowTask } = answer;
  return { ...line(answer['workflowExecutionInfo']), pendingActivities, pendingWorkflowTask };
}

async function list(cluster: ClusterCaller, text: string, limit = Infinity): Promise<Fields[]> {
  const lines: Fields[] = [];
  let nextPageToken: string | undefined;
  do {
    const answer = await cluster.call('ListWorkflowExecutions', { query: text, pageSize: PAGE, nextPageToken });
    for (const each of answer['executions'] ?? []) lines.push(line(each));
    nextPageToken = answer['nextPageToken'] as string | undefined;
  } while (nextPageToken && lines.length < limit);
  return lines;
}

/** What lists and descriptions say of a run. */
function line(info: Fields): Fields {
  return {
    workflowId: info['execution']?.workflowId,
    runId: info['execution']?.runId,
    workflowType: info['type']?.name,
    taskQueue: info['taskQueue'] ?? '',
    status: String(info['status']).replace('WORKFLOW_EXECUTION_STATUS_', ''),
    startTime: info['startTime'],
    closeTime: info['closeTime'],
    historyLength: Number(info['historyLength'] ?? 0),
    memo: info['memo']?.fields,
    searchAttributes: info['searchAttributes'],
  };
}

/** The events as the cluster has them. */
async function history(cluster: ClusterCaller, run: Fields): Promise<Fields[]> {
  const events: Fields[] = [];
  let nextPageToken: string | undefined;
  do {
    const answer = await cluster.call('GetWorkflowExecutionHistory', { execution: run, nextPageToken });
    events.push(...(answer['history']?.events ?? []));
    nextPageToken = answer['nextPageToken'] as string | undefined;
  } while (nextPageToken);
  return events;
}

/** Of an activity that had said it would be completed by somebody else. */
function completeActivity(cluster: ClusterCaller, which: Fields, end: Fields): Promise<Fields> {
  const { completed, failed, cancelled } = end;
  const { suffix, request } = named(which);
  const respond = (how: string, fields: Fields) =>
    cluster.call(`RespondActivityTask${how}${suffix}`, { ...request, ...fields });
  if (completed) return respond('Completed', { result: payloads([completed.result]) });
  if (failed) return respond('Failed', { failure: failed.failure });
  return respond('Canceled', { details: cancelled.failure?.canceledFailureInfo?.details });
}

/** An activity has a token, or an id in its workflow; for each there are requests. */
function named({ token, workflowId, runId, activityId }: Fields): { suffix: string; request: Fields } {
  if (token !== undefined) return { suffix: '', request: { taskToken: token } };
  return { suffix: 'ById', request: { workflowId, runId: runId ?? '', activityId } };
}

function execution({ workflowId, runId }: Fields): Fields {
  return { workflowId, runId: runId ?? '' };
}

function payloads(values: readonly Payload[] | undefined): Fields | undefined {
  return values && { payloads: values };
}

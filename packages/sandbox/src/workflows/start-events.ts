import { retryVerdict } from './retry.ts';
import type { Failure, Fields, NewEvent, Payload } from './wire.ts';

/** What a workflow is started with. */
export interface StartRequest {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  /** ALLOW_DUPLICATE when it is left out. */
  readonly idReusePolicy?: string;
  /** FAIL when it is left out. */
  readonly idConflictPolicy?: string;
  /** How long its first task is put off. */
  readonly delay_ms?: number;
  readonly signal?: { readonly name: string; readonly input: readonly Payload[] };
  /** Time-outs, retry policy, memo, search attributes, parent and so on, as the start event has them. */
  readonly options?: Fields;
}

/** The first event of a run. */
export function startedEvent(
  { workflowId, workflowType, taskQueue, input, options }: StartRequest,
  runId: string,
): NewEvent {
  const attributes = {
    ...options,
    runId,
    workflowId,
    workflowType: { name: workflowType },
    taskQueue: { name: taskQueue },
    input,
    randomnessSeed: String(BigInt(`0x${runId.replaceAll('-', '').slice(0, 16)}`)),
    firstExecutionRunId: (options?.['firstExecutionRunId'] as string | undefined) ?? runId,
    attempt: options?.['attempt'] ?? 1,
  };
  return { eventType: 'WORKFLOW_EXECUTION_STARTED', attributes };
}

/** The run as which one with this first event continues. `attributes`: of the event that says so. */
export function continuedRequest(started: Fields, attributes: Fields): StartRequest {
  const { workflowType, taskQueue, arguments: input, memo, searchAttributes } = attributes;
  return {
    workflowId: started['workflowId'],
    workflowType,
    taskQueue: taskQueue || started['taskQueue'].name,
    input: input ?? [],
    options: {
      ...inherited(started),
      ...pick(attributes, ['workflowRunTimeout', 'workflowTaskTimeout', 'retryPolicy']),
      ...(memo ? { memo: { fields: memo } } : {}),
      ...(searchAttributes ? { searchAttributes } : {}),
      attempt: 1,
    },
  };
}

/** Another run after one that failed, if its retry policy says so. */
export function retriedRequest(started: Fields, failure: Failure): StartRequest | undefined {
  const { retryPolicy, attempt, input, workflowId, workflowType, taskQueue } = started;
  if (!retryPolicy) return undefined;
  const verdict = retryVerdict(retryPolicy, { attempt, failure, left_ms: undefined });
  if (!verdict.again) return undefined;
  const options = { ...inherited(started), attempt: attempt + 1 };
  const { delay_ms } = verdict;
  return { workflowId, workflowType: workflowType.name, taskQueue: taskQueue.name, input, delay_ms, options };
}

/** Whether the id of a run that has ended with this status may be used again. */
export function mayReuse(policy: string | undefined, status: string): boolean {
  if (policy === 'REJECT_DUPLICATE') return false;
  return policy !== 'ALLOW_DUPLICATE_FAILED_ONLY' || status !== 'COMPLETED';
}

/** What a run hands on to the next of its chain. */
export function inherited(started: Fields): Fields {
  const names = ['workflowExecutionTimeout', 'workflowRunTimeout', 'workflowTaskTimeout', 'retryPolicy', 'memo'];
  const family = ['searchAttributes', 'parentWorkflowInfo', 'parentInitiatedEventId', 'firstExecutionRunId'];
  const chain = ['cronSchedule', 'lastCompletionResult'];
  return { ...pick(started, [...names, ...family, ...chain]), continuedFromExecutionRunId: started['runId'] };
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

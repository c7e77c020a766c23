import type { EngineError } from './engine-error.ts';
import type { StartRequest } from './start-events.ts';
import type { Failure, HistoryEvent, NewEvent } from './wire.ts';

/** What the event of a parent starts. */
export function childRequest(
  parent: { runId: string; workflowId: string },
  { eventId, attributes }: HistoryEvent,
): StartRequest {
  const { workflowId, workflowType, taskQueue, input, workflowIdReusePolicy, memo, ...options } = attributes;
  return {
    workflowId,
    workflowType: workflowType.name,
    taskQueue,
    input,
    idReusePolicy: String(workflowIdReusePolicy).replace('WORKFLOW_ID_REUSE_POLICY_', ''),
    options: {
      ...options,
      memo: memo && { fields: memo },
      parentWorkflowInfo: { namespace: 'default', workflowId: parent.workflowId, runId: parent.runId },
      parentInitiatedEventId: eventId,
    },
  };
}

export function childStarted({ eventId, attributes }: HistoryEvent, runId: string): NewEvent {
  const { workflowId, workflowType } = attributes;
  return {
    eventType: 'CHILD_WORKFLOW_EXECUTION_STARTED',
    attributes: { initiatedEventId: eventId, workflowExecution: { workflowId, runId }, workflowType },
  };
}

export function childNotStarted({ eventId, attributes }: HistoryEvent): NewEvent {
  const { workflowId, workflowType } = attributes;
  return {
    eventType: 'START_CHILD_WORKFLOW_EXECUTION_FAILED',
    attributes: { initiatedEventId: eventId, workflowId, workflowType, cause: 'WORKFLOW_ALREADY_EXISTS' },
  };
}

/** What a run hears of its signal to another one, or of its wish that another one be cancelled. */
export function externalAnswer(
  kind: 'SIGNAL' | 'REQUEST_CANCEL',
  initiatedEventId: number,
  refusal?: EngineError,
): NewEvent {
  if (refusal) {
    const failure: Failure = { message: refusal.message, applicationFailureInfo: { type: refusal.kind } };
    return { eventType: `${kind}_EXTERNAL_WORKFLOW_EXECUTION_FAILED`, attributes: { initiatedEventId, failure } };
  }
  const done = kind === 'SIGNAL' ? 'SIGNALED' : 'CANCEL_REQUESTED';
  return { eventType: `EXTERNAL_WORKFLOW_EXECUTION_${done}`, attributes: { initiatedEventId } };
}

import type { Failure, Fields, NewEvent, Payload } from './wire.ts';

export type RunStatus =
  | 'RUNNING'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELED'
  | 'TERMINATED'
  | 'CONTINUED_AS_NEW'
  | 'TIMED_OUT';

export interface RunEnd {
  readonly runId: string;
  readonly status: RunStatus;
  readonly result?: Payload;
  readonly failure?: Failure;
  readonly reason?: string;
  /** Where it goes on, if it continued as new or is tried again. */
  readonly newRunId?: string;
}

/** The end that an event of history is, without where it goes on; undefined: it is none. */
export function endOf(runId: string, { eventType, attributes }: NewEvent): RunEnd | undefined {
  const found = /^WORKFLOW_EXECUTION_(COMPLETED|FAILED|CANCELED|TERMINATED|TIMED_OUT|CONTINUED_AS_NEW)$/.exec(
    eventType,
  );
  if (!found) return undefined;
  const status = found[1] as RunStatus;
  const failure = (attributes['failure'] as Failure | undefined) ?? FAILURES[status];
  return { runId, status, result: attributes['result'], reason: attributes['reason'], failure };
}

/** What the parent of a run hears of its end. `initiated`: the event that had started it. */
export function childEndEvent(end: RunEnd, initiated: { eventId: number; attributes: Fields }): NewEvent {
  const { workflowId, workflowType } = initiated.attributes;
  const workflowExecution = { workflowId, runId: end.runId };
  const about = { initiatedEventId: initiated.eventId, workflowExecution, workflowType };
  const eventType = `CHILD_WORKFLOW_EXECUTION_${end.status}`;
  if (end.status === 'COMPLETED') return { eventType, attributes: { ...about, result: end.result } };
  const failure: Failure = {
    message: 'Child workflow failed',
    cause: end.failure,
    childWorkflowExecutionFailureInfo: about,
  };
  return { eventType, attributes: { ...about, failure } };
}

const FAILURES: Partial<Record<RunStatus, Failure>> = {
  CANCELED: { message: 'Workflow cancelled', canceledFailureInfo: {} },
  TERMINATED: { message: 'Workflow terminated', terminatedFailureInfo: {} },
  TIMED_OUT: { message: 'Workflow timed out', timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' } },
};

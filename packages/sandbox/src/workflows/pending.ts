import type { Fields, HistoryEvent, Job } from './wire.ts';

/** What the code waits for, by the event that asked: from it a later event becomes a job with the right number. */
interface Awaited {
  readonly seq: number;
  readonly event: HistoryEvent;
  /** Answered already, since its asker wanted to know of the cancellation only. */
  settled: boolean;
}

type Kind = 'timer' | 'activity' | 'child' | 'signal' | 'cancel';

/**
 * The open ends of a run, as far as its code was told. Numbers (`seq`) are the code's own and are given anew with
 * every replay; events know each other by their ids.
 */
export class Pending {
  readonly #open = new Map<number, Awaited & { kind: Kind }>();

  add(kind: Kind, seq: number, event: HistoryEvent): void {
    this.#open.set(event.eventId, { kind, seq, event, settled: false });
  }

  count(kind: Kind): number {
    let count = 0;
    for (const entry of this.#open.values()) if (entry.kind === kind) count += 1;
    return count;
  }

  bySeq(kind: Kind, seq: number): HistoryEvent | undefined {
    return this.#entry(kind, seq)?.event;
  }

  /** Forgets what the code itself ended, such as a timer that it cancelled. */
  drop(kind: Kind, seq: number): void {
    const entry = this.#entry(kind, seq);
    if (entry) this.#open.delete(entry.event.eventId);
  }

  /** The answer was given already: what comes later is not told any more. */
  settle(kind: Kind, seq: number): void {
    const entry = this.#entry(kind, seq);
    if (entry) entry.settled = true;
  }

  /** The job that an event means for the code, if it means one. */
  jobOf({ eventType, attributes }: HistoryEvent): Job | undefined {
    switch (eventType) {
      case 'WORKFLOW_EXECUTION_SIGNALED':
        return {
          signalWorkflow: { signalName: attributes['signalName'], input: attributes['input'] ?? [], identity: '' },
        };
      case 'WORKFLOW_EXECUTION_CANCEL_REQUESTED':
        return { cancelWorkflow: { reason: attributes['cause'] ?? '' } };
      case 'TIMER_FIRED':
        return this.#answer('timer', attributes['startedEventId'], (seq) => ({ fireTimer: { seq } }));
      case 'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED':
      case 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED':
        return this.#external('signal', 'resolveSignalExternalWorkflow', attributes);
      case 'EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED':
      case 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED':
        return this.#external('cancel', 'resolveRequestCancelExternalWorkflow', attributes);
      default:
        return this.#activityJob(eventType, attributes) ?? this.#childJob(eventType, attributes);
    }
  }

  #activityJob(eventType: string, attributes: Fields): Job | undefined {
    const result = activityResult(eventType, attributes);
    if (!result) return undefined;
    return this.#answer('activity', attributes['scheduledEventId'], (seq) => ({ resolveActivity: { seq, result } }));
  }

  #childJob(eventType: string, attributes: Fields): Job | undefined {
    const initiated = attributes['initiatedEventId'] as number;
    if (eventType === 'CHILD_WORKFLOW_EXECUTION_STARTED') {
      const entry = this.#open.get(initiated);
      const runId = attributes['workflowExecution']?.runId as string;
      return entry && { resolveChildWorkflowExecutionStart: { seq: entry.seq, succeeded: { runId } } };
    }
    if (eventType === 'START_CHILD_WORKFLOW_EXECUTION_FAILED') {
      const { workflowId, workflowType, cause } = attributes;
      const failed = { workflowId, workflowType: workflowType?.name, cause };
      return this.#answer('child', initiated, (seq) => ({ resolveChildWorkflowExecutionStart: { seq, failed } }));
    }
    const result = childResult(eventType, attributes);
    if (!result) return undefined;
    return this.#answer('child', initiated, (seq) => ({ resolveChildWorkflowExecution: { seq, result } }));
  }

  #external(kind: Kind, job: string, { initiatedEventId, failure }: Fields): Job | undefined {
    return this.#answer(kind, initiatedEventId, (seq) => ({ [job]: failure ? { seq, failure } : { seq } }));
  }

  #answer(kind: Kind, eventId: number, job: (seq: number) => Job): Job | undefined {
    const entry = this.#open.get(eventId);
    if (entry?.kind !== kind) return undefined;
    this.#open.delete(eventId);
    return entry.settled ? undefined : job(entry.seq);
  }

  #entry(kind: Kind, seq: number) {
    for (const entry of this.#open.values()) if (entry.kind === kind && entry.seq === seq) return entry;
    return undefined;
  }
}

function activityResult(eventType: string, attributes: Fields): Fields | undefined {
  switch (eventType) {
    case 'ACTIVITY_TASK_COMPLETED':
      return { completed: { result: attributes['result'] } };
    case 'ACTIVITY_TASK_FAILED':
    case 'ACTIVITY_TASK_TIMED_OUT':
      return { failed: { failure: attributes['failure'] } };
    case 'ACTIVITY_TASK_CANCELED':
      return { cancelled: { failure: attributes['failure'] } };
    default:
      return undefined;
  }
}

function childResult(eventType: string, attributes: Fields): Fields | undefined {
  switch (eventType) {
    case 'CHILD_WORKFLOW_EXECUTION_COMPLETED':
      return { completed: { result: attributes['result'] } };
    case 'CHILD_WORKFLOW_EXECUTION_FAILED':
    case 'CHILD_WORKFLOW_EXECUTION_TIMED_OUT':
    case 'CHILD_WORKFLOW_EXECUTION_TERMINATED':
      return { failed: { failure: attributes['failure'] } };
    case 'CHILD_WORKFLOW_EXECUTION_CANCELED':
      return { cancelled: { failure: attributes['failure'] } };
    default:
      return undefined;
  }
}

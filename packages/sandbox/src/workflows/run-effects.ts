import { EngineError } from './engine-error.ts';
import type { LocalEngine } from './local-engine.ts';
import type { LocalRun } from './local-run.ts';
import { childEndEvent } from './run-end.ts';
import { childNotStarted, childRequest, childStarted, externalAnswer } from './other-runs.ts';
import { type HistoryEvent, milliseconds } from './wire.ts';

/** Does what a new event of history asks for. Whatever comes of it goes back to the run as an event of its own. */
export function perform(engine: LocalEngine, run: LocalRun, event: HistoryEvent): void {
  const { eventType, attributes } = event;
  switch (eventType) {
    case 'TIMER_STARTED':
      engine.timers.set(timerName(run, event.eventId), milliseconds(attributes['startToFireTimeout']) ?? 0, () =>
        run.receive({
          eventType: 'TIMER_FIRED',
          attributes: { timerId: attributes['timerId'], startedEventId: event.eventId },
        }),
      );
      return;
    case 'TIMER_CANCELED':
      engine.timers.clear(timerName(run, attributes['startedEventId'] as number));
      return;
    case 'ACTIVITY_TASK_SCHEDULED':
      engine.attempts.schedule(event, {
        workflowId: run.workflowId,
        runId: run.runId,
        workflowType: run.workflowType,
        taskQueue: run.taskQueue,
        settled: (settled) => run.receive(settled),
      });
      return;
    case 'ACTIVITY_TASK_CANCEL_REQUESTED':
      engine.attempts.cancel(run.runId, attributes['scheduledEventId'] as number);
      return;
    case 'START_CHILD_WORKFLOW_EXECUTION_INITIATED':
      startChild(engine, run, event);
      return;
    case 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED':
      signalOther(engine, run, event);
      return;
    case 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED':
      cancelOther(engine, run, event);
      return;
    default:
  }
}

export function timerName(run: LocalRun, startedEventId: number): string {
  return `${run.runId} timer ${startedEventId}`;
}

function startChild(engine: LocalEngine, run: LocalRun, initiated: HistoryEvent): void {
  const { eventId, attributes } = initiated;
  const child = attempt(() => engine.start(childRequest(run, initiated)));
  if (child instanceof EngineError) {
    run.receive(childNotStarted(initiated));
    return;
  }
  run.children.push({ run: child, policy: String(attributes['parentClosePolicy']), initiatedEventId: eventId });
  run.receive(childStarted(initiated, child.runId));
  void child.endOfChain().then((end) => run.receive(childEndEvent(end, initiated)));
}

function signalOther(engine: LocalEngine, run: LocalRun, { eventId, attributes }: HistoryEvent): void {
  const target = (attributes['childWorkflowId'] as string | undefined) ?? attributes['workflowExecution']?.workflowId;
  const done = attempt(() => {
    const other = engine.find(target, attributes['workflowExecution']?.runId || undefined);
    other.signal(attributes['signalName'] as string, attributes['input'] ?? []);
  });
  run.receive(externalAnswer('SIGNAL', eventId, done instanceof EngineError ? done : undefined));
}

function cancelOther(engine: LocalEngine, run: LocalRun, { eventId, attributes }: HistoryEvent): void {
  const { workflowId, runId } = attributes['workflowExecution'] as { workflowId: string; runId?: string };
  const done = attempt(() => engine.find(workflowId, runId || undefined).cancel('cancelled by another workflow'));
  run.receive(externalAnswer('REQUEST_CANCEL', eventId, done instanceof EngineError ? done : undefined));
}

function attempt<T>(work: () => T): T | EngineError {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

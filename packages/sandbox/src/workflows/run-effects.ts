import { EngineError } from './engine-error.ts';
import type { LocalEngine, StartRequest } from './local-engine.ts';
import type { LocalRun, RunEnd } from './local-run.ts';
import { type Failure, type Fields, type HistoryEvent, milliseconds } from './wire.ts';

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

function startChild(engine: LocalEngine, run: LocalRun, { eventId, attributes }: HistoryEvent): void {
  const { workflowId, workflowType, taskQueue, input, workflowIdReusePolicy, memo, ...options } = attributes;
  const request: StartRequest = {
    workflowId,
    workflowType: workflowType.name,
    taskQueue,
    input,
    idReusePolicy: String(workflowIdReusePolicy).replace('WORKFLOW_ID_REUSE_POLICY_', ''),
    options: {
      ...options,
      memo: memo && { fields: memo },
      parentWorkflowInfo: { namespace: 'default', workflowId: run.workflowId, runId: run.runId },
      parentInitiatedEventId: eventId,
    },
  };
  const child = attempt(() => engine.start(request));
  if (child instanceof EngineError) {
    run.receive({
      eventType: 'START_CHILD_WORKFLOW_EXECUTION_FAILED',
      attributes: { initiatedEventId: eventId, workflowId, workflowType, cause: 'WORKFLOW_ALREADY_EXISTS' },
    });
    return;
  }
  run.children.push({ run: child, policy: String(options['parentClosePolicy']), initiatedEventId: eventId });
  run.receive({
    eventType: 'CHILD_WORKFLOW_EXECUTION_STARTED',
    attributes: { initiatedEventId: eventId, workflowExecution: { workflowId, runId: child.runId }, workflowType },
  });
  void child.endOfChain().then((end) =>
    run.receive({
      eventType: `CHILD_WORKFLOW_EXECUTION_${end.status}`,
      attributes: childFields(end, eventId, attributes),
    }),
  );
}

function childFields(end: RunEnd, initiatedEventId: number, { workflowId, workflowType }: Fields): Fields {
  const workflowExecution = { workflowId, runId: end.runId };
  const about = { initiatedEventId, workflowExecution, workflowType };
  if (end.status === 'COMPLETED') return { ...about, result: end.result };
  const failure: Failure = {
    message: 'Child workflow failed',
    cause: end.failure,
    childWorkflowExecutionFailureInfo: { workflowExecution, workflowType, initiatedEventId },
  };
  return { ...about, failure };
}

function signalOther(engine: LocalEngine, run: LocalRun, { eventId, attributes }: HistoryEvent): void {
  const target = (attributes['childWorkflowId'] as string | undefined) ?? attributes['workflowExecution']?.workflowId;
  const done = attempt(() => {
    const other = engine.find(target, attributes['workflowExecution']?.runId || undefined);
    other.signal(attributes['signalName'] as string, attributes['input'] ?? []);
  });
  run.receive(answer('SIGNAL', 'EXTERNAL_WORKFLOW_EXECUTION_SIGNALED', eventId, done));
}

function cancelOther(engine: LocalEngine, run: LocalRun, { eventId, attributes }: HistoryEvent): void {
  const { workflowId, runId } = attributes['workflowExecution'] as { workflowId: string; runId?: string };
  const done = attempt(() => engine.find(workflowId, runId || undefined).cancel('cancelled by another workflow'));
  run.receive(answer('REQUEST_CANCEL', 'EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED', eventId, done));
}

function answer(kind: string, eventType: string, initiatedEventId: number, done: unknown) {
  if (!(done instanceof EngineError)) return { eventType, attributes: { initiatedEventId } };
  const failure: Failure = { message: done.message, applicationFailureInfo: { type: done.kind } };
  return { eventType: `${kind}_EXTERNAL_WORKFLOW_EXECUTION_FAILED`, attributes: { initiatedEventId, failure } };
}

function attempt<T>(work: () => T): T | EngineError {
  try {
    return work();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

/** Histories played again with what a process says, which may be anything. */
import { expect, it } from 'vitest';
import { playBack } from '../src/workflows/play-back.ts';
import type { Activation, Completion, HistoryEvent, Trace, WorkflowCommand } from '../src/workflows/wire.ts';

const RUN = '00000000-0000-4000-8000-000000000000';
const STACK = [{ path: 'workflow/main.py', line: 7, function: 'run' }];
const sleep = (seq: number): WorkflowCommand => ({ startTimer: { seq, startToFireTimeout: { seconds: 1 } } });

/** Of a run that has slept so many times. */
function sleeps(times: number): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const add = (eventType: string, attributes = {}) =>
    events.push({ eventId: events.length + 1, eventTime_ms: 0, eventType, attributes });
  add('WORKFLOW_EXECUTION_STARTED', { runId: RUN, workflowType: { name: 'W' } });
  for (let seq = 1; seq <= times; seq += 1) {
    add('WORKFLOW_TASK_SCHEDULED');
    add('WORKFLOW_TASK_STARTED');
    add('WORKFLOW_TASK_COMPLETED');
    const startedEventId = add('TIMER_STARTED', { timerId: String(seq) });
    add('TIMER_FIRED', { startedEventId, timerId: String(seq) });
  }
  return events;
}

/** Answers each task by its number. */
function says(answer: (task: number) => { commands: unknown; trace?: Trace }) {
  let task = 0;
  return async ({ runId, jobs }: Activation): Promise<Completion> => {
    if (jobs.some((job) => 'removeFromCache' in job)) return { runId, successful: { commands: [] } };
    const { commands, trace } = answer((task += 1));
    return { runId, successful: { commands: commands as WorkflowCommand[] }, ...(trace ? { trace } : {}) };
  };
}

it.each([
  ['of a kind that there is not', [{ launchRocket: {} }]],
  ['of a kind that every object has', [{ constructor: { event: { eventType: 'TIMER_STARTED', attributes: {} } } }]],
  ['that are no list', 7],
  ['that are nothing', [null]],
])('commands %s break the run, and not the playback', async (_, commands) => {
  const { problem } = await playBack(sleeps(1), { activate: says(() => ({ commands })) });
  expect(problem).toMatchObject({ startedEventId: 3, failure: { applicationFailureInfo: { type: 'TypeError' } } });
});

it('keeps so much of traces, and of the newest tasks', async () => {
  const trace: Trace = { made: [STACK], last: STACK[0]!, waits: [{ task: 'main', stack: STACK }] };
  const activate = () => says((task) => ({ commands: [sleep(task)], trace }));
  const kept = async (tracesCharsMax?: number) => {
    const { tasks, problem } = await playBack(sleeps(3), { activate: activate(), tracesCharsMax });
    expect(problem).toBeUndefined();
    return tasks.map(({ made, waits }) => [made.size, waits.length]);
  };
  const size = JSON.stringify(trace).length;
  expect(await kept()).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  expect(await kept(size)).toEqual([
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
  expect(await kept(0)).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

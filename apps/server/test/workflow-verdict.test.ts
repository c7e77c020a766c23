/** What a reviewer is told of other people's workflows, whatever the code that is tried says. */
import { HanabiError } from '@hanabi/protocol';
import type { Activation, WorkflowProcess } from '@hanabi/sandbox';
import { expect, it } from 'vitest';
import type { RunRow } from '../src/workflows/history.ts';
import { activateTraced } from '../src/workflows/traced.ts';
import { verdictOf } from '../src/workflows/verdict.ts';

const SECRET = 'Ada-Lovelace';
const run = { run_id: 'r', workflow_id: SECRET, user_id: 'ada', workflow_type: 'Waits', status: 'RUNNING' };
const sources = new Map([['workflow/main.py', 'class Waits:\n    greet = 1\n']]);

function verdictFor(viewer_id: string, outcome: Parameters<typeof verdictOf>[1]) {
  const row = { ...run, started_ms: 0, failures: 0 } as RunRow;
  return verdictOf(row, outcome, { viewer_id, tried: sources, known: [sources] });
}

function parted(got: string, line = 1) {
  const apart = { expected: 'ACTIVITY_TASK_SCHEDULED greet', got, eventId: 5 };
  const stack = [{ path: 'workflow/main.py', line, function: 'run' }];
  return { tasks: [], problem: { message: SECRET, startedEventId: 3, apart, stack } };
}

const failing = (type: unknown) => ({
  tasks: [],
  problem: {
    message: '',
    startedEventId: 3,
    failure: { applicationFailureInfo: { type: type as string } },
    stack: [],
  },
});

it('what a process failed with is told to the owner of the run alone', () => {
  const failed = new HanabiError('HANABI-W013', SECRET);
  expect(verdictFor('ada', failed).error?.message).toContain(SECRET);
  expect(verdictFor('admin', failed).error).toEqual({
    code: 'HANABI-W013',
    message: new HanabiError('HANABI-W013').message,
  });
});

it.each([
  ['TIMER_STARTED 12', 'TIMER_STARTED 12'],
  ['ACTIVITY_TASK_SCHEDULED greet', 'ACTIVITY_TASK_SCHEDULED greet'],
  ['WORKFLOW_EXECUTION_COMPLETED', 'WORKFLOW_EXECUTION_COMPLETED'],
  ['nothing', 'nothing'],
  ['ACTIVITY_TASK_SCHEDULED 123456', 'ACTIVITY_TASK_SCHEDULED …'],
  ['TIMER_STARTED 1234567', 'TIMER_STARTED …'],
  [`ACTIVITY_TASK_SCHEDULED ${SECRET}`, 'ACTIVITY_TASK_SCHEDULED …'],
  ['ADA_LOVELACE greet', '…'],
  [SECRET, '…'],
])('of what the code did, "%s" is told as "%s"', (did, told) => {
  expect(verdictFor('admin', parted(did)).apart?.code).toBe(told);
  expect(verdictFor('ada', parted(did)).apart?.code).toBe(did);
});

it('a line is one that the file has, and the name of a failure one that is written', () => {
  expect(verdictFor('admin', parted('nothing', 2)).place).toEqual({ path: 'workflow/main.py', line: 2 });
  expect(verdictFor('admin', parted('nothing', 700_000)).place).toBeNull();
  expect(verdictFor('admin', failing('KeyError')).failure).toBe('KeyError');
  expect(verdictFor('admin', failing(SECRET)).failure).toBe('…');
  expect(verdictFor('admin', failing({ name: SECRET })).failure).toBe('…');
});

it.each([
  ['has a field of its own', { made: [], last: null, waits: [], [SECRET]: 1 }],
  ['names a function without end', { made: [], last: { path: 'a', line: 1, function: 'f'.repeat(10_000) }, waits: [] }],
  ['has stacks without end', { made: Array.from({ length: 10_000 }, () => []), last: null, waits: [] }],
])('a trace that %s is refused, and nothing of it repeated', async (_, trace) => {
  const process = { activate: () => Promise.resolve({ runId: 'r', trace }) } as unknown as WorkflowProcess;
  await expect(activateTraced(process, {} as Activation)).rejects.toThrow(new HanabiError('HANABI-W014', 'its trace'));
});

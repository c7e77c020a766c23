/** What a module’s process says to a cluster, when it says what it should not. */
import type { Fields, Job, WorkflowCommand } from '@hanabi/sandbox';
import { expect, it } from 'vitest';
import { activationFor, completionOf } from '../../src/workflows/cluster/border.ts';

const failure = (workflowId: string) => ({
  childWorkflowExecutionFailureInfo: { workflowExecution: { workflowId } },
});

const jobs = (name: (id: string) => string): Job[] => [
  {
    initializeWorkflow: {
      workflowId: name('a'),
      parentWorkflowInfo: { workflowId: name('p') },
      // An argument, which is the author’s.
      arguments: [{ data: name('a') }],
      memo: { fields: { workflowId: { data: 'x' } } },
    },
  },
  { resolveChildWorkflowExecution: { result: { failed: { failure: { cause: failure(name('c')) } } } } },
  { resolveSignalExternalWorkflow: { failure: failure('hanabi/eve/flows/a') } },
];

const OWNER = { user_id: 'ada', module_id: 'flows' };

function said(command: Fields): WorkflowCommand {
  const commands = [command as WorkflowCommand];
  return completionOf(OWNER, { runId: 'r', successful: { commands } }).successful!.commands[0]!;
}

it('every workflow and task queue that it names is its owner’s', () => {
  const theirs = { workflowId: 'hanabi/eve/flows/a', runId: 'x', namespace: 'other' };
  const own = { workflowId: 'hanabi/ada/flows/hanabi/eve/flows/a', runId: 'x' };
  expect(said({ signalExternalWorkflowExecution: { seq: 1, workflowExecution: theirs } })).toEqual({
    signalExternalWorkflowExecution: { seq: 1, workflowExecution: own },
  });
  expect(said({ requestCancelExternalWorkflowExecution: { seq: 1, workflowExecution: theirs } })).toEqual({
    requestCancelExternalWorkflowExecution: { seq: 1, workflowExecution: own },
  });
  expect(said({ signalExternalWorkflowExecution: { childWorkflowId: 'c', workflowExecution: theirs } })).toEqual({
    signalExternalWorkflowExecution: { childWorkflowId: 'hanabi/ada/flows/c' },
  });
  const child = { workflowId: ['hanabi/eve/flows/a'], namespace: 'other', taskQueue: 'hanabi/other' };
  expect(said({ startChildWorkflowExecution: child })).toEqual({
    startChildWorkflowExecution: {
      workflowId: 'hanabi/ada/flows/hanabi/eve/flows/a',
      namespace: '',
      taskQueue: 'hanabi/flows',
    },
  });
  expect(() => said({ startChildWorkflowExecution: { ...child, cronSchedule: '@every 1s' } })).toThrow('@every 1s');
  for (const kind of ['scheduleActivity', 'continueAsNewWorkflowExecution']) {
    expect(said({ [kind]: { seq: 1, taskQueue: 'hanabi/other' } })).toEqual({
      [kind]: { seq: 1, taskQueue: 'hanabi/flows' },
    });
  }
});

it('a command is one command, of a kind that modules have', () => {
  const other = { startChildWorkflowExecution: { workflowId: 'hanabi/eve/flows/a' } };
  expect(said({ startTimer: { seq: 1 }, userMetadata: { summary: {} }, ...other })).toEqual({
    startTimer: { seq: 1 },
    userMetadata: { summary: {} },
  });
  for (const kind of ['scheduleNexusOperation', 'constructor', 'unheardOf']) {
    expect(() => said({ [kind]: {} })).toThrow(kind);
  }
});

it('it knows its own workflows by its own names, wherever they stand', () => {
  const activation = { runId: 'r', timestamp: {}, isReplaying: false, historyLength: 1 };
  const [first, ...rest] = jobs((id) => id);
  const start = { ...first!['initializeWorkflow'], arguments: [{ data: 'hanabi/ada/flows/a' }] };
  expect(activationFor(OWNER, { ...activation, jobs: jobs((id) => `hanabi/ada/flows/${id}`) })).toEqual({
    ...activation,
    jobs: [{ initializeWorkflow: start }, ...rest],
  });
});

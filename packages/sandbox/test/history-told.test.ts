import { LIMITS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { RunMachine } from '../src/workflows/run-machine.ts';
import { startedEvent } from '../src/workflows/start-events.ts';

const RUN = '00000000-0000-4000-8000-000000000000';
const signal = { eventType: 'WORKFLOW_EXECUTION_SIGNALED', attributes: { signalName: 'say', input: [] } };

function machineWith(events: number): RunMachine {
  const machine = new RunMachine(RUN, []);
  const started = startedEvent({ workflowId: 'w', workflowType: 'W', taskQueue: 'q', input: [] }, RUN);
  machine.receive(started, 0);
  while (machine.events.length < events) machine.receive(signal, 0);
  return machine;
}

/** What the code is told with its task, and again when that is played from history. */
function toldBy(machine: RunMachine, size_bytes: number) {
  machine.beginTask(0, size_bytes);
  const live = machine.nextActivation();
  machine.complete([], 0);
  const replayed = new RunMachine(RUN, machine.events).nextActivation();
  return [live, replayed].map((each) => [each?.continueAsNewSuggested, each?.historySizeBytes]);
}

const { workflow_history_events_told: events, workflow_history_bytes_told: bytes } = LIMITS;

it.each([
  ['of few events and bytes', 1, 100, false],
  ['of many events', events, 100, true],
  ['of many bytes', 1, bytes, true],
])('tells a workflow %s whether it should continue as new, the same on replay', (_, count, size, suggested) => {
  const told = [suggested, size];
  expect(toldBy(machineWith(count), size)).toEqual([told, told]);
});

const asks = { scheduleActivity: { seq: 1, activityId: '1', activityType: 'asks' } };

it('fails the task that wants more activities than a run may wait for, and plays again what it has', () => {
  const most = Array.from({ length: LIMITS.workflow_activities_pending_max }, (_, seq) => ({
    scheduleActivity: { ...asks.scheduleActivity, seq },
  }));
  const machine = machineWith(1);
  machine.beginTask(0, 100);
  machine.nextActivation();
  machine.complete(most, 0);
  const replayed = new RunMachine(RUN, machine.events);
  replayed.nextActivation();
  replayed.complete(most, 0);
  replayed.receive(signal, 0);
  replayed.beginTask(0, 100);
  replayed.nextActivation();
  expect(() => replayed.complete([asks], 0)).toThrow(`waits for ${most.length} activities`);
});

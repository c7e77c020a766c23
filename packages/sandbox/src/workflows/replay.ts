import { EngineError } from './engine-error.ts';
import { NondeterminismError } from './nondeterminism.ts';
import { RunMachine } from './run-machine.ts';
import type { Activation, Completion, HistoryEvent } from './wire.ts';

/**
 * Plays a history again with the code at hand. Nothing is started by it. Throws FAILED_PRECONDITION with the place
 * where code and history part, or with what the code failed with.
 */
export async function replay(
  events: readonly HistoryEvent[],
  activate: (activation: Activation) => Promise<Completion>,
): Promise<void> {
  const runId = events[0]?.attributes['runId'] as string | undefined;
  if (runId === undefined) throw new EngineError('INVALID_ARGUMENT', 'a history begins with the start of a run');
  const machine = new RunMachine(runId, events);
  try {
    // A task that had begun when the history was taken is not of the past.
    for (let next = machine.nextActivation(); next?.isReplaying; next = machine.nextActivation()) {
      const { successful, failed } = await activate(next);
      if (!successful) throw new EngineError('FAILED_PRECONDITION', failed?.failure.message ?? 'the task failed');
      machine.complete(successful.commands, 0);
    }
  } catch (error) {
    if (!(error instanceof NondeterminismError)) throw error;
    const { expected, got, eventId } = error;
    throw new EngineError('FAILED_PRECONDITION', error.message, { expected, got, eventId });
  } finally {
    const leave = { runId, timestamp: {}, isReplaying: true, historyLength: events.length };
    await activate({ ...leave, jobs: [{ removeFromCache: {} }] });
  }
}

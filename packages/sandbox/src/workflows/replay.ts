import { EngineError } from './engine-error.ts';
import { playBack } from './play-back.ts';
import type { Activation, Completion, HistoryEvent } from './wire.ts';

/**
 * Plays a history again with the code at hand. Nothing is started by it. Throws FAILED_PRECONDITION with the place
 * where code and history part, or with what the code failed with.
 */
export async function replay(
  events: readonly HistoryEvent[],
  activate: (activation: Activation) => Promise<Completion>,
): Promise<void> {
  const { problem } = await playBack(events, { activate });
  if (problem) throw new EngineError('FAILED_PRECONDITION', problem.message, { ...problem.apart });
}

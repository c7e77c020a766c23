import { LIMITS } from '@hanabi/protocol';
import { EngineError } from './engine-error.ts';
import { NondeterminismError, NOTHING_DONE } from './nondeterminism.ts';
import { RunMachine } from './run-machine.ts';
import type { Activation, Completion, Failure, HistoryEvent, Place, Trace } from './wire.ts';

/** One task of the past, done again. */
interface PlayedTask {
  /** The event with which it began. */
  readonly startedEventId: number;
  /** By the event that a command left in history: who made it, the innermost line first. */
  readonly made: Map<number, readonly Place[]>;
  /** Where the code waited after it. */
  waits: Trace['waits'];
}

/** Why a history could not be played to its end. */
export interface PlaybackProblem {
  readonly message: string;
  /** The event with which the task began. */
  readonly startedEventId: number;
  /** Where code and history parted; left out where the code failed. */
  readonly apart?: { readonly expected: string; readonly got: string; readonly eventId: number | undefined };
  /** What the code failed with. */
  readonly failure?: Failure;
  /** The line that did it, the innermost first; empty where nobody traced, or it stands nowhere. */
  readonly stack: readonly Place[];
}

export interface Playback {
  readonly tasks: readonly PlayedTask[];
  readonly problem: PlaybackProblem | undefined;
}

interface PlaybackOptions {
  /** The completion of an activation. */
  readonly activate: (activation: Activation) => Promise<Completion>;
  /** Tasks from this event on are traced. Left out: none. */
  readonly tracedFrom?: number;
  /** What of traces is kept, as JSON; beyond it the stacks of the oldest tasks are left out. That of a problem is always told. */
  readonly tracesCharsMax?: number;
}

/**
 * Plays a history again with the code at hand, as far as its tasks were completed. Nothing is started by it, and
 * nothing changes. Rejects with what `activate` rejects with.
 */
export async function playBack(
  events: readonly HistoryEvent[],
  {
    activate,
    tracedFrom = Number.POSITIVE_INFINITY,
    tracesCharsMax = LIMITS.workflow_playback_traces_chars_max,
  }: PlaybackOptions,
): Promise<Playback> {
  const runId = events[0]?.attributes['runId'] as string | undefined;
  if (runId === undefined) throw new EngineError('INVALID_ARGUMENT', 'a history begins with the start of a run');
  const machine = new RunMachine(runId, events);
  const tasks: PlayedTask[] = [];
  const room = new RoomForTraces(tracesCharsMax);
  try {
    // A task that had begun when the history was taken is not of the past.
    for (let next = machine.nextActivation(); next?.isReplaying; next = machine.nextActivation()) {
      const startedEventId = next.historyLength;
      const completion = await activate({ ...next, isTraced: startedEventId >= tracedFrom });
      const { successful, failed, trace } = completion;
      if (!successful) {
        const failure = failed?.failure ?? {};
        const message = failure.message ?? 'the task failed';
        const stack = trace?.last ? [trace.last] : [];
        return { tasks, problem: { message, startedEventId, failure, stack } };
      }
      let task = tasks.at(-1);
      // What is told at once, such as a cancellation, is another activation of the same task.
      if (task?.startedEventId !== startedEventId) {
        task = { startedEventId, made: new Map(), waits: [] };
        tasks.push(task);
      }
      const problem = compare(machine, task, completion);
      if (problem) return { tasks, problem: { ...problem, startedEventId } };
      if (trace) room.take(task, JSON.stringify(trace).length);
    }
    return { tasks, problem: undefined };
  } finally {
    const leave = { runId, timestamp: {}, isReplaying: true, historyLength: events.length };
    await activate({ ...leave, jobs: [{ removeFromCache: {} }] });
  }
}

function compare(
  machine: RunMachine,
  task: PlayedTask,
  { successful, trace }: Completion,
): Omit<PlaybackProblem, 'startedEventId'> | undefined {
  const { made = [], waits = [] } = trace ?? {};
  task.waits = waits;
  let at: readonly Place[] | undefined;
  try {
    machine.complete(successful?.commands ?? [], 0, (index, past) => {
      at = made[index] ?? [];
      if (past) task.made.set(past.eventId, at);
    });
    return undefined;
  } catch (error) {
    // A process may say anything: commands that are none are what its code failed with.
    if (!(error instanceof NondeterminismError)) {
      const { name, message } = error as Error;
      return { message, failure: { message, applicationFailureInfo: { type: name } }, stack: at ?? [] };
    }
    const { message, expected, got, eventId } = error;
    // Where the code did nothing, it waits for something.
    const stack = got === NOTHING_DONE ? (waits[0]?.stack ?? []) : (at ?? []);
    return { message, apart: { expected, got, eventId }, stack };
  }
}

/** Old stacks make room for new ones. */
class RoomForTraces {
  readonly #most: number;
  #taken = 0;
  /** The oldest first. */
  readonly #sizes = new Map<PlayedTask, number>();

  constructor(most: number) {
    this.#most = most;
  }

  take(task: PlayedTask, size: number): void {
    this.#sizes.set(task, (this.#sizes.get(task) ?? 0) + size);
    this.#taken += size;
    for (const [oldest, itsSize] of this.#sizes) {
      if (this.#taken <= this.#most) return;
      this.#sizes.delete(oldest);
      this.#taken -= itsSize;
      oldest.made.clear();
      oldest.waits = [];
    }
  }
}

import { EngineError } from '../engine-error.ts';
import type { Activation, Completion, Fields, HistoryEvent, Job } from '../wire.ts';
import type { Bridge, TemporalWorker } from './bridge.ts';
import { decodeActivation, encodeCompletion, encodeDelimited } from './codec.ts';
import { exportHistory } from './export-history.ts';
import { RUNTIME_OPTIONS, workerOptions } from './worker-options.ts';

const PLACE = { namespace: 'replay', taskQueue: 'replay', identity: 'replay' };

type Activate = (activation: Activation) => Promise<Completion>;

/** What core says when the history is at its end: the run may go. */
const PLAYED = new Set([undefined, 'UNSPECIFIED', 'CACHE_FULL', 'LANG_REQUESTED', 'WORKFLOW_EXECUTION_ENDING']);

/**
 * Plays a history of ours again with Temporal's own state machines: they read it, tell the code what it says, and
 * compare what the code does. Throws FAILED_PRECONDITION with what they hold against it.
 */
export async function replayWithTemporal(
  bridge: Bridge,
  events: readonly HistoryEvent[],
  activate: Activate,
): Promise<void> {
  const { workflowId, randomnessSeed } = events[0]?.attributes ?? {};
  const history = { workflowId, events: exportHistory(events, PLACE.namespace) };
  await replayHistory(bridge, history, (activation) => activate(seeded(activation, randomnessSeed)));
}

/** The same of a history in Temporal's own words. */
export async function replayHistory(
  bridge: Bridge,
  { workflowId, events }: { readonly workflowId: string; readonly events: readonly Fields[] },
  activate: Activate,
): Promise<void> {
  const { native } = bridge;
  const history = encodeDelimited(bridge, 'temporal.api.history.v1.History', { events });
  const runtime = native.newRuntime(RUNTIME_OPTIONS);
  const [worker, pusher] = native.newReplayWorker(
    runtime,
    workerOptions(PLACE, { workflows: true, activities: false }),
  );
  try {
    await native.pushHistory(pusher, workflowId, history);
    native.closeHistoryStream(pusher);
    const problem = await play(bridge, worker, activate);
    if (problem !== undefined) throw new EngineError('FAILED_PRECONDITION', problem);
  } finally {
    native.workerInitiateShutdown(worker);
    await native.workerFinalizeShutdown(worker);
    native.runtimeShutdown(runtime);
  }
}

/** Until the run is evicted; says why, unless it is since everything was played. */
async function play(bridge: Bridge, worker: TemporalWorker, activate: Activate): Promise<string | undefined> {
  let failure: string | undefined;
  for (;;) {
    const activation = decodeActivation(bridge, await bridge.native.workerPollWorkflowActivation(worker));
    const completion = await activate(activation);
    await bridge.native.workerCompleteWorkflowActivation(worker, encodeCompletion(bridge, completion));
    // What fails is evicted then, too.
    if (completion.failed) failure = completion.failed.failure.message ?? 'the task failed';
    const eviction = activation.jobs.find((job) => 'removeFromCache' in job)?.['removeFromCache'];
    if (eviction && failure !== undefined) return failure;
    if (eviction) return PLAYED.has(eviction['reason']) ? undefined : inWords(eviction);
  }
}

/** Core tells a failure as Rust prints it; the sentence in it has a number in front. */
function inWords({ reason, message }: Fields): string {
  const sentence = /\[TMPRL\d+\] (?:[^"\\]|\\.)*/.exec(message as string)?.[0];
  return sentence ? sentence.replaceAll('\\', '') : `${reason}: ${message}`;
}

/** Chance is seeded by whoever ran the history: Temporal's seed would give the code other numbers than it had. */
function seeded(activation: Activation, randomnessSeed: string | undefined): Activation {
  if (randomnessSeed === undefined) return activation;
  const jobs = activation.jobs.map((job): Job => {
    const start = job['initializeWorkflow'];
    return start ? { initializeWorkflow: { ...start, randomnessSeed } } : job;
  });
  return { ...activation, jobs };
}

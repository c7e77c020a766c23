/** A job from the line before the sandbox to its last event, the same for all backends. */
import { HanabiError } from '@hanabi/protocol';
import { type Admission, HOSTS_OWN } from './admission.ts';
import type { Box } from './box.ts';
import { type JobInBox, type RunSettings, startInBox } from './run-loop.ts';
import type { JobEvent, JobResult, JobSpec } from './sandbox.ts';

export interface OpenedBox {
  box: Box;
  settings: RunSettings;
  /** Settles when everything in it is dead. */
  dispose(): Promise<void>;
}

export async function* runInTurn(
  admission: Admission,
  spec: JobSpec,
  signal: AbortSignal,
  open: () => Promise<OpenedBox>,
): AsyncGenerator<JobEvent, JobResult, void> {
  if (!/^[\w-]{1,64}$/.test(spec.id)) throw new HanabiError('HANABI-V009', 'the id of a job names a folder');
  const leave = yield* waitForPlace(admission, spec, signal);
  let job: JobInBox | undefined;
  let dead: Promise<void> | undefined;
  let taken = false;
  try {
    yield { kind: 'admitted' };
    if (signal.aborted) throw new HanabiError('HANABI-W016', undefined, { jobId: spec.id });
    const opened = await open();
    try {
      job = await startInBox(opened.box, spec, opened.settings);
    } finally {
      // The place is free when the job is dead, and not when somebody has read all that it said.
      const ended = Promise.resolve(job?.ended).then(
        () => {},
        () => {},
      );
      dead = ended.then(() => opened.dispose()).finally(leave);
      dead.catch(() => {}); // awaited below
    }
    for (let event = await job.events.next(); event; event = await job.events.next()) yield event;
    const result = await job.ended;
    await dead;
    taken = true;
    return result;
  } finally {
    if (!dead) leave();
    if (!taken) await job?.cancel();
    await dead;
  }
}

/** Tells the position whenever it has changed; returns the way to leave the place that it got. */
async function* waitForPlace(
  admission: Admission,
  { share = HOSTS_OWN, patient }: JobSpec,
  signal: AbortSignal,
): AsyncGenerator<JobEvent, () => void, void> {
  const gone = new AbortController();
  const line: { position: number; settled: boolean; wake?: () => void } = { position: 0, settled: false };
  const moved = (position: number) => {
    line.position = position;
    line.wake?.();
  };
  const entered = admission.enter(share, AbortSignal.any([signal, gone.signal]), moved, patient);
  const settle = () => {
    line.settled = true;
    line.wake?.();
  };
  entered.then(settle, settle);
  let told = 0;
  let got = false;
  try {
    while (!line.settled) {
      if (line.position === told) {
        await new Promise<void>((resolve) => {
          line.wake = resolve;
        });
      } else {
        told = line.position;
        yield { kind: 'queued', position: told };
      }
    }
    const leave = await entered;
    got = true;
    return leave;
  } finally {
    if (!got) {
      gone.abort();
      await entered.then(
        (leave) => leave(),
        () => {},
      );
    }
  }
}

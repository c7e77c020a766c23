import type { JobEvent, JobResult } from '@hanabi/sandbox';
import type { Audit, AuditedJob } from '../audit.ts';

type OtherEvent = Exclude<JobEvent, { kind: 'fetched' }>;

/**
 * The events of a job without those that are the audit's. Whoever stops listening has cancelled the job before: what it
 * did until then is recorded all the same. Ends when all of it is on disk, and fails when it cannot be.
 */
export async function* audited(
  events: AsyncGenerator<JobEvent, JobResult, void>,
  audit: Audit,
  job: AuditedJob,
): AsyncGenerator<OtherEvent, JobResult, void> {
  let ended = false;
  const next = async () => {
    try {
      const step = await events.next();
      if (step.done) ended = true;
      else if (step.value.kind === 'fetched') audit.fetched(job, step.value);
      return step;
    } catch (error) {
      ended = true;
      throw error;
    }
  };
  try {
    for (;;) {
      const step = await next();
      if (step.done) return step.value;
      if (step.value.kind !== 'fetched') yield step.value;
    }
  } finally {
    if (!ended) await listenToTheEnd(next);
    await audit.written();
  }
}

async function listenToTheEnd(next: () => Promise<IteratorResult<JobEvent, JobResult>>): Promise<void> {
  try {
    for (let step = await next(); !step.done; ) step = await next();
  } catch {
    // That it was cancelled is known.
  }
}

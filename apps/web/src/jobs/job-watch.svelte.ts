/**
 * Which jobs of the person have not ended, in every open desktop at once: counted on the taskbar, and told of when one ends
 * while nobody looks at its module.
 */
import type { LiveEvent, LivePayloads, UserJob } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';

export type JobNews = LivePayloads['job'];

const isOpen = ({ state }: Pick<JobNews, 'state'>): boolean => state === 'queued' || state === 'running';

/** Of jobs that ended while there was no channel: so many are told of, by themselves. */
const told_after_absence_max = 10;

export class JobWatch {
  readonly #api: Pick<DesktopApi, 'jobs'>;
  readonly #ended: (job: JobNews) => void;
  #open = $state.raw<ReadonlyMap<string, JobNews>>(new Map());
  #asked = 0;

  readonly running: number = $derived([...this.#open.values()].filter(({ state }) => state === 'running').length);

  constructor(api: Pick<DesktopApi, 'jobs'>, ended: (job: JobNews) => void) {
    this.#api = api;
    this.#ended = ended;
  }

  take(event: LiveEvent): void {
    if (event.topic === 'missed') void this.#askAgain();
    if (event.topic !== 'job') return;
    const { topic: _topic, ...job } = event;
    const known = this.#open.get(job.id);
    if (isOpen(job)) {
      // Only a change of state is one of the page.
      if (known?.state !== job.state) this.#open = new Map(this.#open).set(job.id, job);
      return;
    }
    this.#forget(job.id);
    this.#ended(job);
  }

  #forget(id: string): void {
    if (!this.#open.has(id)) return;
    const left = new Map(this.#open);
    left.delete(id);
    this.#open = left;
  }

  /** After a time without news: what is open now, and what has become of what was. */
  async #askAgain(): Promise<void> {
    const turn = (this.#asked += 1);
    const before = this.#open;
    try {
      const { jobs } = await this.#api.jobs({ state: 'queued,running' });
      if (turn !== this.#asked) return;
      this.#open = new Map(jobs.map((job) => [job.id, newsOf(job)]));
      const gone = [...before.keys()].filter((id) => !this.#open.has(id)).slice(0, told_after_absence_max);
      if (gone.length === 0) return;
      for (const job of (await this.#api.jobs({ ids: gone.join(',') })).jobs)
        if (!isOpen(job)) this.#ended(newsOf(job));
    } catch {
      // Whoever opens the Jobs window is told why; the next news ask again.
    }
  }
}

function newsOf({ id, module_id, kind, state, progress_pct, error }: UserJob): JobNews {
  return { id, module_id, kind, state, progress_pct, error_code: error?.code ?? null };
}

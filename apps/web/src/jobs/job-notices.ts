/** One notification for many jobs of a module that end close together: the first at once, the others counted. */
import type { JobNews } from './job-watch.svelte.ts';

interface Group {
  /** The last of them. */
  job: JobNews;
  count: number;
}

const gathered_ms = 3000;

export class JobNotices {
  readonly #show: (group: Group) => void;
  /** By module and outcome: what has ended since the last notification. */
  readonly #waiting = new Map<string, Group | null>();

  constructor(show: (group: Group) => void) {
    this.#show = show;
  }

  add(job: JobNews): void {
    const key = `${job.module_id} ${job.state}`;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#tell(key, { job, count: 1 });
    else this.#waiting.set(key, { job, count: (waiting?.count ?? 0) + 1 });
  }

  #tell(key: string, group: Group): void {
    this.#show(group);
    this.#waiting.set(key, null);
    setTimeout(() => {
      const waiting = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (waiting) this.#tell(key, waiting);
    }, gathered_ms);
  }
}

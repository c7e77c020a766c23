/** What the Jobs window shows: a list that follows the news, the one job that is looked at, and the filters. */
import type { HanabiError, LiveEvent, UserJob, UserJobDetails } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export const STATE_FILTERS = ['all', 'queued', 'running', 'completed', 'failed', 'cancelled'] as const;
export type StateFilter = (typeof STATE_FILTERS)[number];

/** As many as one request may name. */
const asked_at_once_max = 100;

export class JobsModel {
  readonly #api: DesktopApi;
  /** The newest first; null before the first answer. */
  jobs = $state.raw<readonly UserJob[] | null>(null);
  next = $state<string | null>(null);
  state = $state<StateFilter>('all');
  module = $state('');
  chosenId = $state<string | null>(null);
  details = $state.raw<UserJobDetails | null>(null);
  /** Newer than what the list says, by id. */
  progress = $state.raw<Readonly<Record<string, number>>>({});
  error = $state.raw<HanabiError | null>(null);
  /** What could not be done with the chosen job. */
  refusal = $state.raw<HanabiError | null>(null);
  busy = $state(false);
  #turn = 0;
  readonly #stale = new Set<string>();
  #asking = false;

  readonly modules: readonly { id: string; name: string }[] = $derived.by(() => {
    const names = new Map((this.jobs ?? []).map((job) => [job.module_id, job.module_name ?? job.module_id]));
    return [...names].map(([id, name]) => ({ id, name }));
  });

  readonly chosen: UserJob | null = $derived(
    (this.details?.id === this.chosenId ? this.details : this.jobs?.find(({ id }) => id === this.chosenId)) ?? null,
  );

  constructor(api: DesktopApi) {
    this.#api = api;
  }

  pct(job: Pick<UserJob, 'id' | 'progress_pct'>): number {
    return Math.max(job.progress_pct, this.progress[job.id] ?? 0);
  }

  /** With `quiet` a list that is shown stays, when it cannot be had anew. */
  async load(quiet = false): Promise<void> {
    const turn = (this.#turn += 1);
    if (!quiet) this.error = null;
    try {
      const page = await this.#api.jobs(this.#wish());
      if (turn !== this.#turn) return;
      this.jobs = page.jobs;
      this.next = page.next;
      this.progress = {};
      this.error = null;
    } catch (cause) {
      if (turn === this.#turn && !(quiet && this.jobs)) this.error = asHanabiError(cause);
    }
  }

  async more(): Promise<void> {
    const { next } = this;
    const turn = this.#turn;
    if (next === null || this.busy) return;
    this.busy = true;
    try {
      const page = await this.#api.jobs({ ...this.#wish(), before: next });
      if (turn !== this.#turn) return;
      const known = new Set(this.jobs?.map(({ id }) => id));
      this.jobs = [...(this.jobs ?? []), ...page.jobs.filter(({ id }) => !known.has(id))];
      this.next = page.next;
    } catch (cause) {
      this.error = asHanabiError(cause);
    } finally {
      this.busy = false;
    }
  }

  filter(change: { state?: StateFilter; module?: string }): void {
    Object.assign(this, change);
    void this.load();
  }

  async choose(id: string | null): Promise<void> {
    this.chosenId = id;
    this.details = null;
    this.refusal = null;
    if (id !== null) await this.#loadDetails(id);
  }

  async cancel(id: string): Promise<void> {
    await this.#act(async () => this.#replace(await this.#api.cancelJob(id)));
  }

  async runAgain(id: string): Promise<void> {
    await this.#act(async () => {
      const job = await this.#api.runAgain(id);
      this.#replace(job);
      await this.choose(job.id);
    });
  }

  take(event: LiveEvent): void {
    if (event.topic === 'missed') this.lookAgain();
    if (event.topic !== 'job') return;
    const known = this.jobs?.find(({ id }) => id === event.id);
    if (known?.state === event.state) this.progress = { ...this.progress, [event.id]: event.progress_pct };
    else void this.#refresh(event.id);
  }

  /** For a time without news. */
  lookAgain(): void {
    void this.load(true);
    if (this.chosenId) void this.#loadDetails(this.chosenId, true);
  }

  /** What has changed, and all that wait, whose places in the line have. */
  async #refresh(id: string): Promise<void> {
    this.#stale.add(id);
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#stale.size > 0) {
        for (const job of this.jobs ?? []) if (job.state === 'queued') this.#stale.add(job.id);
        const ids = [...this.#stale].slice(0, asked_at_once_max);
        for (const asked of ids) this.#stale.delete(asked);
        const { jobs } = await this.#api.jobs({ ids: ids.join(',') });
        this.#merge(jobs);
        if (this.chosenId && jobs.some((job) => job.id === this.chosenId)) await this.#loadDetails(this.chosenId);
      }
    } catch {
      // The next news, or the channel when it is back, ask again.
    } finally {
      this.#asking = false;
    }
  }

  #replace(job: UserJobDetails): void {
    this.#merge([job]);
    if (this.chosenId === job.id) this.details = job;
  }

  /** Puts jobs where they belong in the list, and takes those off it that no longer answer to the filters. */
  #merge(changed: readonly UserJob[]): void {
    if (!this.jobs) return;
    const byId = new Map(changed.map((job) => [job.id, job]));
    const kept = this.jobs.map((job) => byId.get(job.id) ?? job);
    const known = new Set(this.jobs.map(({ id }) => id));
    const last = this.next === null ? '' : (kept.at(-1)?.created_at ?? '');
    const added = changed.filter((job) => !known.has(job.id) && job.created_at >= last);
    this.jobs = [...added, ...kept]
      .filter((job) => this.#answers(job))
      .sort((one, other) => other.created_at.localeCompare(one.created_at));
  }

  #answers(job: UserJob): boolean {
    return (this.state === 'all' || job.state === this.state) && (this.module === '' || job.module_id === this.module);
  }

  #wish(): { state?: string; module?: string } {
    return { ...(this.state !== 'all' && { state: this.state }), ...(this.module !== '' && { module: this.module }) };
  }

  async #loadDetails(id: string, quiet = false): Promise<void> {
    try {
      const details = await this.#api.job(id);
      if (this.chosenId === id) this.details = details;
    } catch (cause) {
      if (this.chosenId === id && !quiet) this.refusal = asHanabiError(cause);
    }
  }

  async #act(deed: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.refusal = null;
    try {
      await deed();
    } catch (cause) {
      this.refusal = asHanabiError(cause);
    } finally {
      this.busy = false;
    }
  }
}

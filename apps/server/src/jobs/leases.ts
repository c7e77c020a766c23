/** The leases of the jobs that this server has: kept while it lives, and what it cannot keep ends. */
import { type HanabiError, LIMITS } from '@hanabi/protocol';
import type { JobRow } from './job-rows.ts';
import type { JobStore } from './job-store.ts';

/** A job that this server has. */
export interface Run {
  job: JobRow;
  /** In the line before the sandbox; 0 when it does not wait there. */
  position: number;
  progress_pct: number;
  saved_pct: number;
  stop: AbortController;
  /** Known once it is prepared. */
  requireStillGranted?: () => Promise<void>;
  /** Why it was stopped, when that is not for somebody to cancel. */
  refusal?: HanabiError;
  /** It was stopped because the database could not be told any more that it runs. */
  lost?: boolean;
}

export class Leases {
  private readonly store: JobStore;
  private readonly runs: ReadonlyMap<string, Run>;
  private renewedAt = performance.now();
  private renewing = false;

  constructor(store: JobStore, runs: ReadonlyMap<string, Run>) {
    this.store = store;
    this.runs = runs;
  }

  /** Says that this server lives and has its jobs. One that is no longer its own ends. */
  async renew(): Promise<void> {
    const before = [...this.runs.values()];
    // The database has not answered since: what runs ends here before another server may take it over.
    if (this.renewing) return this.stopUnrenewed(before);
    this.renewing = true;
    try {
      await this.renewNow(before);
    } finally {
      this.renewing = false;
    }
  }

  private async renewNow(before: readonly Run[]): Promise<void> {
    if (before.length === 0) {
      this.renewedAt = performance.now();
      return;
    }
    try {
      const kept = new Set(
        (await this.store.renew(before.map(({ job }) => job))).map(({ id, fence }) => `${id} ${fence}`),
      );
      this.renewedAt = performance.now();
      for (const run of before) {
        if (!kept.has(`${run.job.id} ${run.job.fence}`)) run.stop.abort();
        else if (run.progress_pct !== run.saved_pct) {
          run.saved_pct = run.progress_pct;
          await this.store.saveProgress(run.job, run.progress_pct);
        }
      }
    } catch (error) {
      // Before another server may take a job over, it ends here.
      this.stopUnrenewed(before);
      throw error;
    }
  }

  private stopUnrenewed(runs: readonly Run[]): void {
    if (performance.now() - this.renewedAt <= LIMITS.job_lease_ms / 2) return;
    for (const run of runs) {
      run.lost = true;
      run.stop.abort();
    }
  }
}

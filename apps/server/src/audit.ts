/** What modules did with the network, on record. Rows are only added; see the migration. */
import type { JobEvent } from '@hanabi/sandbox';
import type { Insertable } from 'kysely';
import { type Db, now } from './storage/db.ts';
import type { Tables } from './storage/schema.ts';

type FetchEvent = Extract<JobEvent, { kind: 'fetched' }>;
type FetchAuditRow = Insertable<Tables['fetch_audit']>;

/** Whose doing it was. */
export type AuditedJob = Pick<FetchAuditRow, 'user_id' | 'module_id' | 'module_version' | 'job_id'>;

/** Rows of one insert: SQLite takes only so many values in a statement. */
const ROWS_PER_INSERT_MAX = 500;

/** Each write waits for the disk, so what comes close together is written together. */
export class Audit {
  private readonly db: Db;
  private waiting: FetchAuditRow[] = [];
  private writing: Promise<void> | undefined;

  constructor(db: Db) {
    this.db = db;
  }

  fetched(job: AuditedJob, event: FetchEvent): void {
    this.waiting.push({
      at: now(),
      user_id: job.user_id,
      module_id: job.module_id,
      module_version: job.module_version,
      job_id: job.job_id,
      method: event.method,
      origin: event.origin,
      path: event.path,
      status: event.status,
      error_code: event.code,
      requests: event.requests,
      sent_bytes: event.sent_bytes,
      received_bytes: event.received_bytes,
      wall_ms: Math.round(event.wall_ms),
    });
    // Whoever needs to know that it is on disk asks `written`, which fails when this does.
    this.written().catch(() => {});
  }

  /** Settles when everything that was told so far is on disk. */
  async written(): Promise<void> {
    while (this.writing || this.waiting.length > 0) {
      this.writing ??= this.writeWaiting().finally(() => {
        this.writing = undefined;
      });
      await this.writing;
    }
  }

  private async writeWaiting(): Promise<void> {
    // In the next turn, so that the events of this one are in it.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const rows = this.waiting.slice(0, ROWS_PER_INSERT_MAX);
      await this.db.insertInto('fetch_audit').values(rows).execute();
      this.waiting.splice(0, rows.length);
    }
  }
}

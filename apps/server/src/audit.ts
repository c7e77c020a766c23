/** What was decided, and what modules did with the network, on record. Rows are only added; see the migrations. */
import type { JobEvent } from '@hanabi/sandbox';
import type { Insertable } from 'kysely';
import { type Db, now } from './storage/db.ts';
import type { Tables } from './storage/schema.ts';

type FetchEvent = Extract<JobEvent, { kind: 'fetched' }>;
type FetchAuditRow = Insertable<Tables['fetch_audit']>;

/** Whose doing it was. */
export type AuditedJob = Pick<FetchAuditRow, 'user_id' | 'module_id' | 'module_version' | 'job_id'>;

/** One decision or use: what is left out is empty. */
export type AuditEvent = Partial<Omit<Insertable<Tables['audit_events']>, 'seq' | 'at'>> & { event: AuditEventName };

/** What there is on record, by the name that a search finds it by. */
const AUDIT_EVENTS = [
  'sign-in',
  'sign-out',
  'confirm',
  'session.end',
  'account.create',
  'account.role',
  'account.disable',
  'account.enable',
  'account.quota',
  'password.change',
  'password.reset',
  'password.reset-link',
  'invitation.create',
  'invitation.withdraw',
  'second-factor.on',
  'second-factor.off',
  'recovery-codes.new',
  'grant.set',
  'quota.set',
  'job.cancel',
  'audit.export',
  'grant.allow',
  'grant.refuse',
  'permission.use',
  'identity.add',
  'identity.remove',
  'passkey.add',
  'passkey.remove',
  'module.upload',
  'module.submit',
  'module.withdraw',
  'module.approve',
  'module.reject',
  'module.suspend',
  'module.resume',
  'module.roll-back',
  'module.sample-run',
  'module.workflow-check',
  'module.install',
  'module.uninstall',
  'connection.add',
  'connection.change',
  'connection.remove',
  'connection.trading',
  'connection.lend',
  'connection.take-back',
  'workflow.signal',
  'workflow.query',
  'workflow.update',
  'workflow.cancel',
  'workflow.terminate',
  'workflow.reset',
  'publish-key.create',
  'publish-key.remove',
] as const;
export type AuditEventName = (typeof AUDIT_EVENTS)[number];

const DETAIL_CHARS_MAX = 500;

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

  /** Settles when it is on disk, before whoever did it is told that it is done. */
  async record(event: AuditEvent): Promise<void> {
    const detail = (event.detail ?? '').slice(0, DETAIL_CHARS_MAX);
    const row = { outcome: 'ok' as const, actor: '', subject: '', ...event, detail, at: now() };
    await this.db.insertInto('audit_events').values(row).execute();
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

  /** Bytes of all bodies that it sent and received since that time (ISO, or the beginning of one); of one job, or of all. */
  async movedBytes(
    by: Omit<AuditedJob, 'module_version' | 'job_id'> & { job_id?: string },
    since: string,
  ): Promise<number> {
    await this.written();
    let query = this.db
      .selectFrom('fetch_audit')
      .select((eb) => eb.fn.sum<number | string | null>(eb('sent_bytes', '+', eb.ref('received_bytes'))).as('bytes'))
      .where('user_id', '=', by.user_id)
      .where('module_id', '=', by.module_id)
      .where('at', '>=', since);
    if (by.job_id !== undefined) query = query.where('job_id', '=', by.job_id);
    const { bytes } = await query.executeTakeFirstOrThrow();
    // PostgreSQL gives sums as text.
    return Number(bytes ?? 0);
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

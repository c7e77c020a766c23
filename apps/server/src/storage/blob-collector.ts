/**
 * Takes away contents that no file has any more, and only when their grace period is over: who was just reading one,
 * a job that got it as an input, a backup of the database that still names it. The database forgets first, the content
 * goes later; what a crash leaves in between is found by the walk over all that is stored.
 */
import { LIMITS } from '@hanabi/protocol';
import type { Logger } from 'pino';
import type { Blobs } from './blobs.ts';
import type { Db } from './db.ts';
import { dropBlob } from './insert.ts';
import { isReferenced } from './references.ts';
import { inTransaction } from './transaction.ts';

const BATCH = 500;

export class BlobCollector {
  private readonly db: Db;
  private readonly blobs: Blobs;
  private readonly log: Logger;
  private readonly isHeld: () => Promise<boolean>;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private stopped = false;
  private walkedAt = 0;

  /** While it `isHeld` nothing is taken away. */
  constructor(db: Db, blobs: Blobs, log: Logger, isHeld: () => Promise<boolean> = async () => false) {
    this.db = db;
    this.blobs = blobs;
    this.log = log;
    this.isHeld = isHeld;
  }

  /** Sweeps now, and again and again. */
  start(): void {
    const sweep = (): void => {
      this.sweeping ??= this.sweep()
        .catch((err: unknown) => this.log.error({ err }, 'could not collect what no file has any more'))
        .finally(() => {
          this.sweeping = undefined;
        });
    };
    this.timer = setInterval(sweep, LIMITS.blob_sweep_interval_ms).unref();
    sweep();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.sweeping;
  }

  async sweep(): Promise<void> {
    if (await this.isHeld()) return;
    const before = Date.now() - LIMITS.blob_grace_ms;
    await this.collectDropped(before);
    if (Date.now() - this.walkedAt < LIMITS.blob_walk_interval_ms) return;
    this.walkedAt = Date.now();
    await this.walk(before);
  }

  private async collectDropped(before: number): Promise<void> {
    for (;;) {
      const rows = await this.db
        .selectFrom('dropped_blobs')
        .selectAll()
        .where('dropped_at', '<', new Date(before).toISOString())
        .orderBy('dropped_at')
        .limit(BATCH)
        .execute();
      for (const { sha256, dropped_at } of rows) {
        if (this.stopped || (await this.isHeld())) return;
        await this.db
          .deleteFrom('dropped_blobs')
          .where('sha256', '=', sha256)
          .where('dropped_at', '=', dropped_at)
          .execute();
        await this.collect(sha256, before);
      }
      if (rows.length < BATCH) return;
    }
  }

  /** What was stored and never became a file: a server that died, an output that was too many. */
  private async walk(before: number): Promise<void> {
    for await (const { sha256, written_ms } of this.blobs.list()) {
      if (this.stopped || (await this.isHeld())) return;
      if (written_ms < before && !(await this.isWanted(sha256))) await this.collect(sha256, before);
    }
  }

  private async collect(sha256: string, before: number): Promise<void> {
    const gone = await this.blobs.collect(sha256, before, () => this.isWanted(sha256));
    if (gone) await this.dropThumbnail(sha256);
  }

  /** One whose grace period still runs is wanted. */
  private async isWanted(sha256: string): Promise<boolean> {
    if (await isReferenced(this.db, sha256)) return true;
    const row = await this.db
      .selectFrom('dropped_blobs')
      .select('sha256')
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Nobody asks for the small picture of a content that is gone. */
  private async dropThumbnail(source_sha256: string): Promise<void> {
    await inTransaction(this.db, async (db) => {
      const row = await db
        .deleteFrom('thumbnails')
        .where('source_sha256', '=', source_sha256)
        .returning('sha256')
        .executeTakeFirst();
      if (!row?.sha256) return;
      await dropBlob(db, row.sha256);
    });
  }
}

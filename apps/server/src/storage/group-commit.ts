/**
 * Changes that come close together are committed together: each commit waits for the disk, and SQLite lets nothing else
 * happen meanwhile. Each settles when it is on disk; one that fails takes back its own part only.
 */
import { sql } from 'kysely';
import { isSqlite } from './clock.ts';
import type { Db } from './db.ts';
import type { Change } from './rows.ts';
import { inTransaction } from './transaction.ts';

/** Others wait for the connection as long as a group takes. */
const GROUP_MAX = 64;

interface Waiting {
  work: (db: Change) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

export class GroupCommit {
  private readonly db: Db;
  private waiting: Waiting[] = [];
  private isCommitting = false;

  constructor(db: Db) {
    this.db = db;
  }

  run<T>(work: (db: Change) => Promise<T>): Promise<T> {
    // Other databases commit side by side.
    if (!isSqlite(this.db)) return inTransaction(this.db, work);
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (!this.isCommitting) void this.commitAll();
    });
  }

  /** Never throws: whoever asked is told. */
  private async commitAll(): Promise<void> {
    this.isCommitting = true;
    while (this.waiting.length > 0) {
      // In the next turn, so that what this one brings is in it.
      await new Promise((resolve) => setImmediate(resolve));
      await this.commit(this.waiting.splice(0, GROUP_MAX));
    }
    this.isCommitting = false;
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    const settled: (() => void)[] = [];
    try {
      await this.db.transaction().execute(async (db) => {
        for (const { work, resolve, reject } of group) {
          await sql`savepoint member`.execute(db);
          try {
            const value = await work(db);
            settled.push(() => resolve(value));
          } catch (error) {
            // On a disk that is full or fails the engine has taken back all of it by itself: then this is why.
            await takeBack(db, error);
            settled.push(() => reject(error));
          }
          await sql`release member`.execute(db);
        }
      });
      for (const settle of settled) settle();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

/** Ends with `cause` where there is no savepoint any more to go back to. */
async function takeBack(db: Change, cause: unknown): Promise<void> {
  try {
    await sql`rollback to member`.execute(db);
  } catch {
    throw cause;
  }
}

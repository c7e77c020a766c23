/** Transactions that mean the same on both engines. SQLite has one writer at a time; PostgreSQL is asked for it. */
import { sql } from 'kysely';
import { setTimeout as wait } from 'node:timers/promises';
import { isSqlite } from './clock.ts';
import type { Db } from './db.ts';
import type { Change } from './rows.ts';

/** What can be true of another transaction a moment later: it waited for this one, and this one for it. */
const TRY_AGAIN = new Set(['40001', '40P01']);
const TRIES_MAX = 5;
const PAUSE_MS = 10;

/** Runs `work` in a transaction, once more where two got in each other's way. It may do nothing but change the database. */
export async function inTransaction<T>(db: Db, work: (change: Change) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (tried === TRIES_MAX || !TRY_AGAIN.has((error as { code?: string }).code ?? '')) throw error;
    }
    await wait(Math.random() * PAUSE_MS * tried);
  }
}

/**
 * Until the transaction ends, no other one is `alone` with this. Whatever is looked up first and changed by what was
 * found (is the name free, is there room) needs it: on PostgreSQL transactions run beside each other.
 */
export async function alone(
  change: Change,
  what:
    | 'files'
    | 'jobs'
    | 'preferences'
    | 'schedules'
    | 'modules'
    | 'connections'
    | 'spending'
    | 'services'
    | 'workflows',
  owner: string,
): Promise<void> {
  if (isSqlite(change)) return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${what} ${owner}`}, 0))`.execute(change);
}

import { LIMITS } from '@hanabi/protocol';
import { type RawBuilder, sql, SqliteAdapter } from 'kysely';
import type { Reader } from './rows.ts';

/** The database's own clock, in ms since 1970: the one clock that all servers of a database share. */
export function databaseTime_ms(db: Reader): RawBuilder<number> {
  return isSqlite(db)
    ? sql<number>`cast((julianday('now') - 2440587.5) * 86400000 as integer)`
    : sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;
}

/** By that clock, when a lease ends that is taken or renewed now. */
export function leaseEnd(db: Reader, lease_ms: number = LIMITS.job_lease_ms): RawBuilder<number> {
  return sql<number>`${databaseTime_ms(db)} + ${lease_ms}`;
}

export function isSqlite(db: Pick<Reader, 'getExecutor'>): boolean {
  return db.getExecutor().adapter instanceof SqliteAdapter;
}

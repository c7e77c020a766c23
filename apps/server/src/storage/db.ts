import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { Kysely, Migrator, sql } from 'kysely';
import { isSqlite } from './clock.ts';
import { MIGRATIONS } from './migrations.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';
import type { Tables } from './schema.ts';
import { openSqlite } from './sqlite.ts';

export type Db = Kysely<Tables>;

/** Any number, the same for all servers of a database. */
const START_LOCK = 0x68_61_6e_61;

/**
 * Opens the database, brought to the newest schema: the PostgreSQL one of that address, or else the file in the data
 * folder. `lost` hears of connections that broke.
 */
export async function openDb(dataDir: string, url?: string, lost?: (error: Error) => void): Promise<Db> {
  // What a migration takes has no bound.
  const first = dbOf(dataDir, url);
  try {
    await migrate(first);
  } catch (error) {
    await first.destroy();
    throw error;
  }
  if (!url) return first;
  await first.destroy();
  return dbOf(dataDir, url, { answer_ms: LIMITS.database_answer_ms_max, lost });
}

/** Opens the database as it is, beside the server that may be running on it. */
export async function openDbAsItIs(dataDir: string, url?: string): Promise<Db> {
  const db = dbOf(dataDir, url);
  try {
    const pending = (await migratorOf(db).getMigrations()).filter(({ executedAt }) => !executedAt);
    if (pending.length === 0) return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
  await db.destroy();
  throw new Error(`the data in ${url ? 'the database' : dataDir} is of an older version; start the server on it once`);
}

/** Those that the tables have been through, in their order. */
export async function appliedMigrations(db: Db): Promise<string[]> {
  return (await migratorOf(db).getMigrations()).filter(({ executedAt }) => executedAt).map(({ name }) => name);
}

/** Opens the database with the tables as they were after these migrations, or fails where it is beyond, or knows less. */
export async function migrateUpTo(names: readonly string[], dataDir: string, url?: string): Promise<Db> {
  const db = dbOf(dataDir, url);
  try {
    const unknown = names.find((name) => !Object.hasOwn(MIGRATIONS, name));
    if (unknown) throw new Error(`the backup is of a newer version, which has "${unknown}"`);
    const applied = await appliedMigrations(db);
    if (applied.length > names.length) throw new Error('there are newer tables already: the place must be empty');
    const { error } = await migratorOf(db).migrateTo(names.at(-1)!);
    if (error) throw error;
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function dbOf(dataDir: string, url: string | undefined, options?: PostgresOptions): Db {
  return new Kysely<Tables>({ dialect: url ? openPostgres(url, options) : openSqlite(join(dataDir, 'hanabi.db')) });
}

function migratorOf(db: Db): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
}

async function migrate(db: Db): Promise<void> {
  // The migrator's own lock comes after the tables that it makes for itself, which two cannot make at a time.
  await oneAtATime(db, async () => {
    const { error } = await migratorOf(db).migrateToLatest();
    if (error) throw error;
  });
}

/** Of all servers of the database only one does this at a time: what a start finds missing, it makes. */
export async function oneAtATime<T>(db: Db, work: () => Promise<T>): Promise<T> {
  if (isSqlite(db)) return work();
  return db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${START_LOCK})`.execute(connection);
    try {
      return await work();
    } finally {
      await sql`select pg_advisory_unlock(${START_LOCK})`.execute(connection);
    }
  });
}

/** Now, as the tables keep times. */
export function now(): string {
  return new Date().toISOString();
}

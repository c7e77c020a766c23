import { join } from 'node:path';
import { Kysely, Migrator } from 'kysely';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './schema.ts';
import { openSqlite } from './sqlite.ts';

export type Db = Kysely<Tables>;

/** Opens the database of a data folder and brings it to the newest schema. */
export async function openDb(dataDir: string): Promise<Db> {
  const db = new Kysely<Tables>({ dialect: openSqlite(join(dataDir, 'hanabi.db')) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** Opens the database of a data folder as it is, beside the server that may be running on it. */
export async function openDbAsItIs(dataDir: string): Promise<Db> {
  const db = new Kysely<Tables>({ dialect: openSqlite(join(dataDir, 'hanabi.db')) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const pending = (await migrator.getMigrations()).filter(({ executedAt }) => !executedAt);
  if (pending.length === 0) return db;
  await db.destroy();
  throw new Error(`the data in ${dataDir} is of an older version; start the server on it once`);
}

/** Now, as the tables keep times. */
export function now(): string {
  return new Date().toISOString();
}

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

/** Now, as the tables keep times. */
export function now(): string {
  return new Date().toISOString();
}

/**
 * The database of a test, on the engine that its project runs on: each data folder has one of its own. With SQLite it is
 * in the folder; with PostgreSQL its name follows from the folder's, so that every process finds it.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Dialect } from 'kysely';
import { Client } from 'pg';
import { type Db, openDb as open } from '../../src/storage/db.ts';
import { openPostgres } from '../../src/storage/postgres.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';

/** Address of a PostgreSQL to make databases in; unset: SQLite. */
export const POSTGRES_VARIABLE = 'HANABI_TEST_POSTGRES';
const TEMPLATE = 'hanabi_template';

const DUPLICATE_DATABASE = '42P04';

export async function openDb(dataDir: string): Promise<Db> {
  return open(dataDir, await databaseUrl(dataDir));
}

/** What a process needs to find the database. */
export async function engineSettings(dataDir: string): Promise<{ HANABI_DATABASE_URL?: string }> {
  const url = await databaseUrl(dataDir);
  return url ? { HANABI_DATABASE_URL: url } : {};
}

/** Undefined with SQLite. */
function databaseUrl(dataDir: string): Promise<string | undefined> {
  return ensureDatabase(dataDir, `template ${TEMPLATE}`);
}

/** A way to the database; the first one to it leads to one without any tables where `how` says so. */
export async function openDialect(dataDir: string, how: 'ready' | 'empty' = 'ready'): Promise<Dialect> {
  const url = await ensureDatabase(dataDir, how === 'empty' ? '' : `template ${TEMPLATE}`);
  return url ? openPostgres(url) : openSqlite(join(dataDir, 'hanabi.db'));
}

/** Nobody may be connected any more, or is thrown out. */
export async function dropDatabase(dataDir: string): Promise<void> {
  const server = process.env[POSTGRES_VARIABLE];
  if (server) await ask(server, `drop database if exists ${nameOf(dataDir)} with (force)`);
}

/** The database that all others are copied from: bringing each to the newest tables anew would take most of the time. */
export async function makeTemplate(server: string): Promise<void> {
  await ask(server, `create database ${TEMPLATE}`);
  await (await open('', named(server, TEMPLATE))).destroy();
}

async function ensureDatabase(dataDir: string, how: string): Promise<string | undefined> {
  const server = process.env[POSTGRES_VARIABLE];
  if (!server) return undefined;
  const name = nameOf(dataDir);
  await ask(server, `create database ${name} ${how}`).catch((error: unknown) => {
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
  });
  return named(server, name);
}

function nameOf(dataDir: string): string {
  return `hanabi_${createHash('sha256').update(dataDir).digest('hex').slice(0, 24)}`;
}

function named(server: string, name: string): string {
  return server.replace(/\/postgres\?/, `/${name}?`);
}

async function ask(server: string, text: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

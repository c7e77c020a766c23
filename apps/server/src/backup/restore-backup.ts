/**
 * Restores a backup where there is nothing yet, on either engine. Contents come first, and then all rows in one
 * transaction: one that was broken off leaves no server that could be taken for whole.
 */
import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError } from '@hanabi/protocol';
import { type Config, ConfigError } from '../config.ts';
import { holdSchedules } from '../schedules/held-schedules.ts';
import { Blobs } from '../storage/blobs.ts';
import type { BlobEngine } from '../storage/blob-engine.ts';
import { type Db, migrateUpTo, now, openDb } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import {
  BACKUP_FORMAT,
  type BackupManifest,
  BLOBS_DIR,
  FILES_DIR,
  KEPT_FILES,
  MANIFEST,
  PAUSED,
  TABLES_DIR,
} from './backup-format.ts';
import { hashOf, linesOf, plainFiles, writeFileOf } from './files.ts';
import type { OnProgress } from './make-backup.ts';
import { advanceNumbers, type TableShape, tablesOf, type Value, withoutOrder, writeRows } from './rows.ts';

const ROWS_AT_ONCE = 500;

export interface Restored {
  contents: number;
  rows: number;
  schedules_paused: number;
  services_paused: number;
  workflows_paused: number;
  jobs_ended: number;
}

type Target = Pick<Config, 'data_dir' | 'shared_dir' | 'database_url'>;

export async function restoreBackup(
  from: string,
  target: Target,
  engine: BlobEngine,
  onProgress: OnProgress,
): Promise<Restored> {
  const manifest = await readManifest(from);
  await requireWhole(from, manifest);
  const db = await migrateUpTo(manifest.migrations, target.data_dir, target.database_url);
  let outcome: Restored;
  try {
    await requireEmpty(db);
    await restoreFiles(from, target.shared_dir, manifest);
    const blobs = await Blobs.open(join(target.shared_dir, 'blobs'), engine);
    const contents = await restoreContents(from, blobs, manifest, onProgress);
    const restored = await db.transaction().execute((change) => restoreTables(change, from, manifest, onProgress));
    outcome = { contents, ...restored };
  } finally {
    await db.destroy();
  }
  // What newer versions have added since.
  await (await openDb(target.data_dir, target.database_url)).destroy();
  return outcome;
}

async function readManifest(from: string): Promise<BackupManifest> {
  const text = await readFile(join(from, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new ConfigError(`${from} is no backup, or one that was broken off: it has no ${MANIFEST}`, { cause });
  });
  const manifest = JSON.parse(text) as Omit<BackupManifest, 'format'> & { format: number };
  if (manifest.format === BACKUP_FORMAT) return { ...manifest, format: BACKUP_FORMAT };
  throw new ConfigError(`${from} was made by another version: its format is ${manifest.format}, not 1`);
}

/** Before anything is written: the files of tables and those beside them are there as they were written down. */
async function requireWhole(from: string, { tables, files }: BackupManifest): Promise<void> {
  const expected = [
    ...Object.entries(tables).map(([name, { sha256 }]) => [join(from, TABLES_DIR, `${name}.jsonl`), sha256] as const),
    ...Object.entries(files).map(([path, { sha256 }]) => [join(from, FILES_DIR, path), sha256] as const),
  ];
  for (const [path, sha256] of expected) {
    const found = await hashOf(path).catch(() => undefined);
    if (found?.sha256 !== sha256) throw new ConfigError(`${path} is ${found ? 'damaged' : 'missing'}`);
  }
}

async function requireEmpty(db: Db): Promise<void> {
  const anyone = await db.selectFrom('users').select('id').limit(1).executeTakeFirst();
  if (anyone) throw new ConfigError('there is data already: a backup is restored to an empty place');
}

async function restoreFiles(from: string, sharedDir: string, { files }: BackupManifest): Promise<void> {
  for (const [path, { sha256 }] of Object.entries(files)) {
    if (!KEPT_FILES.some((pattern) => pattern.test(path)) || path.includes('..')) {
      throw new ConfigError(`${path} is no file of a backup`);
    }
    const target = join(sharedDir, path);
    // From an attempt that was broken off, perhaps in the middle of this one.
    const there = await hashOf(target).catch(() => undefined);
    if (there?.sha256 === sha256) continue;
    await rm(target, { force: true });
    await writeFileOf(target, createReadStream(join(from, FILES_DIR, path)) as AsyncIterable<Uint8Array>);
  }
}

async function restoreContents(
  from: string,
  blobs: Blobs,
  { contents }: BackupManifest,
  onProgress: OnProgress,
): Promise<number> {
  let count = 0;
  let bytes = 0;
  for await (const path of plainFiles(join(from, BLOBS_DIR))) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const source = createReadStream(join(from, BLOBS_DIR, path)) as AsyncIterable<Uint8Array>;
    const { sha256, size_bytes } = await blobs.write(source, Number.POSITIVE_INFINITY);
    if (sha256 !== name) throw new ConfigError(`${join(from, BLOBS_DIR, path)} is damaged`);
    count += 1;
    bytes += size_bytes;
    onProgress(bytes, contents.size_bytes, `${count} of ${contents.count} contents`);
  }
  if (count !== contents.count) throw new ConfigError(`${contents.count - count} contents are missing`);
  return count;
}

async function restoreTables(
  db: Change,
  from: string,
  { tables }: BackupManifest,
  onProgress: OnProgress,
): Promise<Omit<Restored, 'contents'>> {
  const known = new Map((await tablesOf(db)).map((table) => [table.name, table]));
  const total = Object.values(tables).reduce((sum, table) => sum + table.rows, 0);
  let rows = 0;
  await withoutOrder(db, async () => {
    for (const [name, { rows: expected }] of Object.entries(tables)) {
      const table = known.get(name);
      if (!table) throw new ConfigError(`the table "${name}" is of another version`);
      const written = await restoreTable(db, join(from, TABLES_DIR, `${name}.jsonl`), table, (count) =>
        onProgress(rows + count, total, name),
      );
      if (written !== expected) throw new ConfigError(`"${name}" has ${written} rows, expected were ${expected}`);
      rows += written;
    }
  });
  return {
    rows,
    schedules_paused: await pauseSchedules(db),
    services_paused: await pauseServices(db),
    workflows_paused: await pauseWorkflows(db),
    jobs_ended: await endJobs(db),
  };
}

async function restoreTable(
  db: Change,
  path: string,
  table: TableShape,
  onRows: (count: number) => void,
): Promise<number> {
  let shape: TableShape | undefined;
  let waiting: Value[][] = [];
  let count = 0;
  const write = async () => {
    await writeRows(db, shape!, waiting);
    count += waiting.length;
    waiting = [];
    onRows(count);
  };
  for await (const line of linesOf(path)) {
    if (!shape) shape = { name: table.name, columns: line as string[] };
    else waiting.push(line as Value[]);
    if (waiting.length >= ROWS_AT_ONCE) await write();
  }
  if (waiting.length > 0) await write();
  await advanceNumbers(db, table);
  return count;
}

/** They would fire at once, beside those of the server that was backed up, should that still run. */
async function pauseSchedules(db: Change): Promise<number> {
  return (await holdSchedules(db, {}, new HanabiError(PAUSED))).length;
}

/** The same, of programs that act outside. */
async function pauseServices(db: Change): Promise<number> {
  const { code, message } = new HanabiError(PAUSED);
  const paused = await db
    .updateTable('services')
    .set({
      state: 'stopped',
      error_code: code,
      error_message: message,
      error_at_ms: Date.now(),
      lease_owner: null,
      lease_expires_ms: null,
      next_tick_ms: null,
      begun_tick_ms: null,
      restart_ms: null,
    })
    .where('state', '=', 'running')
    .returning('module_id')
    .execute();
  return paused.length;
}

/** The same, of workflows: what they were about to do, those of the server that was backed up have perhaps done. */
async function pauseWorkflows(db: Change): Promise<number> {
  const paused = await db
    .updateTable('workflow_runs')
    .set({ paused: 1, lease_owner: null, lease_expires_ms: null })
    .where('status', '=', 'RUNNING')
    .returning('run_id')
    .execute();
  return paused.length;
}

/** What had not ended when the backup was made has perhaps ended since, with effects outside: it is not done again. */
async function endJobs(db: Change): Promise<number> {
  const { code, message } = new HanabiError('HANABI-W009', 'the server was restored from a backup');
  const ended = await db
    .updateTable('jobs')
    .set({
      state: 'failed',
      error_code: code,
      error_message: message,
      finished_at: now(),
      lease_owner: null,
      lease_expires_ms: null,
    })
    .where('state', 'in', ['queued', 'running'])
    .returning('id')
    .execute();
  await db.deleteFrom('job_inputs').execute();
  return ended.length;
}

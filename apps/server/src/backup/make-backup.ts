/** Makes a backup of a server, which may be running: the tables as they are at one moment, and all that they name. */
import { link, mkdir, readdir, rename } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, type Config } from '../config.ts';
import type { Blobs } from '../storage/blobs.ts';
import { isSqlite } from '../storage/clock.ts';
import { appliedMigrations, type Db, now } from '../storage/db.ts';
import { syncFolder } from '../storage/disk.ts';
import { referencedBlobs } from '../storage/references.ts';
import type { Change } from '../storage/rows.ts';
import {
  BACKUP_FORMAT,
  type BackupManifest,
  BLOBS_DIR,
  FILES_DIR,
  KEPT_FILES,
  MANIFEST,
  NOT_KEPT,
  TABLES_DIR,
} from './backup-format.ts';
import { lineOf, plainFiles, writeFileOf } from './files.ts';
import { whileHeld } from './hold.ts';
import { atOneMoment, countRows, readRows, tablesOf, type TableShape } from './rows.ts';

interface Source {
  config: Pick<Config, 'shared_dir'>;
  db: Db;
  blobs: Blobs;
}

/** How far it has come, of what there is; both in the same unit, whatever it is. */
export type OnProgress = (done: number, total: number, what: string) => void;

/** Into a folder that is empty or not there. */
export async function makeBackup(source: Source, out: string, onProgress: OnProgress): Promise<BackupManifest> {
  await mkdir(out, { recursive: true, mode: 0o700 });
  if ((await readdir(out)).length > 0) throw new ConfigError(`${out} is in the way: it is not empty`);
  return whileHeld(source.config.shared_dir, () =>
    atOneMoment(source.db, async (reader) => {
      const manifest: BackupManifest = {
        format: BACKUP_FORMAT,
        made_at: now(),
        engine: isSqlite(source.db) ? 'sqlite' : 'postgresql',
        migrations: await appliedMigrations(reader),
        tables: {},
        contents: { count: 0, size_bytes: 0 },
        files: {},
      };
      for (const table of await tablesOf(reader)) {
        if (NOT_KEPT.has(table.name)) continue;
        manifest.tables[table.name] = await writeTable(reader, table, out, onProgress);
      }
      await writeContents(reader, source, out, manifest, onProgress);
      await writeFiles(source, out, manifest);
      // Without it the folder is no backup, so it comes last, and whole.
      await writeFileOf(join(out, `.${MANIFEST}`), single(JSON.stringify(manifest, null, 2)));
      await rename(join(out, `.${MANIFEST}`), join(out, MANIFEST));
      await syncFolder(out);
      return manifest;
    }),
  );
}

async function writeTable(reader: Change, table: TableShape, out: string, onProgress: OnProgress) {
  const total = await countRows(reader, table.name);
  let rows = 0;
  async function* lines() {
    yield lineOf(table.columns);
    for await (const batch of readRows(reader, table)) {
      rows += batch.length;
      onProgress(rows, total, table.name);
      yield batch.map(lineOf).join('');
    }
  }
  const { sha256 } = await writeFileOf(join(out, TABLES_DIR, `${table.name}.jsonl`), lines());
  return { rows, sha256 };
}

async function writeContents(
  reader: Change,
  { blobs }: Source,
  out: string,
  { contents }: BackupManifest,
  onProgress: OnProgress,
): Promise<void> {
  const folders = new Set<string>();
  const total = await totalBytes(reader);
  for await (const { sha256, size_bytes } of referencedBlobs(reader)) {
    const folder = join(out, BLOBS_DIR, sha256.slice(0, 2));
    if (!folders.has(folder)) await mkdir(folder, { recursive: true, mode: 0o700 });
    folders.add(folder);
    await writeContent(blobs, sha256, join(folder, sha256));
    contents.count += 1;
    contents.size_bytes += size_bytes ?? 0;
    onProgress(contents.size_bytes, total, `${contents.count} contents`);
  }
  for (const folder of folders) await syncFolder(folder);
  if (folders.size > 0) await syncFolder(join(out, BLOBS_DIR));
}

/** On the same disk it takes no room and no time: what is stored under a hash is never written again. */
async function writeContent(blobs: Blobs, sha256: string, path: string): Promise<void> {
  try {
    await link(await blobs.localPath(sha256), path);
  } catch (error) {
    if (!CANNOT_LINK.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writeFileOf(path, blobs.stream(sha256) as AsyncIterable<Uint8Array>);
  }
}

const CANNOT_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP']);

async function totalBytes(reader: Change): Promise<number> {
  let total = 0;
  for await (const { size_bytes } of referencedBlobs(reader)) total += size_bytes ?? 0;
  return total;
}

async function writeFiles({ config }: Source, out: string, { files }: BackupManifest): Promise<void> {
  const from = config.shared_dir;
  for (const dir of ['', 'modules']) {
    for await (const path of plainFiles(from, dir, dir !== '')) {
      if (!KEPT_FILES.some((pattern) => pattern.test(path))) continue;
      const bytes = createReadStream(join(from, path)) as AsyncIterable<Uint8Array>;
      files[path] = await writeFileOf(join(out, FILES_DIR, path), bytes);
    }
  }
  for (const folder of new Set(Object.keys(files).map((path) => dirname(join(out, FILES_DIR, path))))) {
    await syncFolder(folder);
  }
}

async function* single(text: string): AsyncGenerator<string, void, void> {
  yield text;
}

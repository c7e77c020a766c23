/** What is written must survive a power cut, and a disk that is full or fails has a code of its own. */
import { close, fsync, openSync } from 'node:fs';
import { readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HanabiError, LIMITS } from '@hanabi/protocol';

const sync = promisify(fsync);

/** After this a new name in the folder survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await syncAndClose(openSync(path, 'r'));
}

/** Settles when all of an open file is on the disk. */
export async function syncAndClose(file: number): Promise<void> {
  try {
    await sync(file);
  } finally {
    close(file, () => {}); // what it could say, the sync has said
  }
}

/**
 * Ends with HANABI-Q003 while there is little room left. Contents leave a reserve to the database, without which
 * nothing could be deleted any more.
 */
export async function requireDiskRoom(dir: string): Promise<void> {
  const { bavail, bsize, ffree, files } = await statfs(dir);
  // Some file systems do not count their files.
  const fileLeft = files === 0 || ffree > 0;
  if (!fileLeft || bavail * bsize < LIMITS.disk_reserve_bytes) throw new HanabiError('HANABI-Q003');
}

/** SQLITE_FULL, and the same of PostgreSQL. */
const SQLITE_FULL = 13;
const POSTGRES_FULL = '53100';

/** SQLITE_READONLY, _IOERR, _CORRUPT and _CANTOPEN; the higher bits of a number tell which kind of it. */
const SQLITE_FAILS = new Set([8, 10, 11, 14]);
const SQLITE_KIND = 0xff;

/** The medium fails, was taken away, or was made read-only by a kernel that trusts it no longer. */
const DISK_FAILS = new Set(['EIO', 'EROFS', 'ENXIO', 'ENODEV', 'ESTALE', 'EUCLEAN']);

export function diskError(error: unknown): unknown {
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === POSTGRES_FULL || errcode === SQLITE_FULL;
  if (full) return new HanabiError('HANABI-Q003', undefined, { cause: error });
  const fails = DISK_FAILS.has(code ?? '') || SQLITE_FAILS.has((errcode ?? 0) & SQLITE_KIND);
  if (fails) return new HanabiError('HANABI-F012', undefined, { cause: error });
  return error;
}

/** Those in a folder that were not written for so long; all of them with 0. */
export async function removeFiles(dir: string, idle_ms: number, keep: ReadonlySet<string> = new Set()): Promise<void> {
  const before = Date.now() - idle_ms;
  for (const name of await readdir(dir)) {
    if (keep.has(name)) continue;
    const path = join(dir, name);
    const found = idle_ms === 0 ? undefined : await stat(path).catch(() => undefined);
    if (idle_ms === 0 || (found && found.mtimeMs < before)) await rm(path, { recursive: true, force: true });
  }
}

/** What is written must survive a power cut, and a disk that is full has a code of its own. */
import { close, fsync, openSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
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

/** SQLITE_FULL. */
const DATABASE_FULL = 13;

export function diskError(error: unknown): unknown {
  const { code, errcode } = error as NodeJS.ErrnoException & { errcode?: number };
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === DATABASE_FULL)
    return new HanabiError('HANABI-Q003', undefined, { cause: error });
  return error;
}

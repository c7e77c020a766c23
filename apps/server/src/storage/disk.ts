/** What is written must survive a power cut, and a disk that is full has a code of its own. */
import { open, statfs } from 'node:fs/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';

/** After this a new name in the folder survives a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
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

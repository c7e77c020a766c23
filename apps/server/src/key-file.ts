/** Keys of this installation: random, made when they are first needed, kept in the data folder for its owner only. */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from './ids.ts';
import { syncFolder } from './storage/disk.ts';

const KEY_BYTES = 32;

/** With the care of a blob: a key that a power cut left empty would be a key that everybody knows. */
export async function readOrMakeKey(dataDir: string, name: string): Promise<Buffer> {
  const path = join(dataDir, name);
  const existing = await readFile(path).catch(() => undefined);
  if (existing?.length === KEY_BYTES) return existing;
  if (existing) await rm(path);
  const beside = `${path}.${newId()}`;
  const handle = await open(beside, 'wx', 0o600);
  try {
    await handle.writeFile(randomBytes(KEY_BYTES));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await link(beside, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  await rm(beside);
  await syncFolder(dataDir);
  // Perhaps that of another server, which came first.
  return readFile(path);
}

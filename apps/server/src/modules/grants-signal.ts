/** How a running server learns that another process, the command line, has changed what is granted. */
import { watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../ids.ts';

const FILE = 'grants-changed';

export async function tellGrantsChanged(dataDir: string): Promise<void> {
  const folder = await runFolder(dataDir);
  await writeFile(join(folder, FILE), newId());
}

/** Returns what ends the listening. */
export async function onGrantsChanged(dataDir: string, listener: () => void): Promise<() => void> {
  const watcher = watch(await runFolder(dataDir), { persistent: false }, (_, name) => {
    if (name === null || name === FILE) listener();
  });
  watcher.on('error', listener);
  return () => watcher.close();
}

async function runFolder(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'run');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** How a running server learns that another process, the command line, has changed accounts, workflows or what is granted. */
import { watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from './ids.ts';

const FILES = { grants: 'grants-changed', accounts: 'accounts-changed', workflows: 'workflows-changed' } as const;
type Topic = keyof typeof FILES;

export async function tellChanged(dataDir: string, topic: Topic): Promise<void> {
  const folder = await runFolder(dataDir);
  await writeFile(join(folder, FILES[topic]), newId());
}

/** Returns what ends the listening. */
export async function onChanged(dataDir: string, topic: Topic, listener: () => void): Promise<() => void> {
  const watcher = watch(await runFolder(dataDir), { persistent: false }, (_, name) => {
    if (name === null || name === FILES[topic]) listener();
  });
  watcher.on('error', listener);
  return () => watcher.close();
}

async function runFolder(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'run');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

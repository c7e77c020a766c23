/** While a backup is being made, the collector of contents waits: what the backup names must still be there. */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const RENEW_MS = 20_000;
/** One that was killed holds nobody up for longer. */
const STALE_MS = 5 * 60_000;

export async function isHeld(sharedDir: string): Promise<boolean> {
  const found = await stat(holdFile(sharedDir)).catch(() => undefined);
  return found !== undefined && found.mtimeMs > Date.now() - STALE_MS;
}

export async function whileHeld<T>(sharedDir: string, work: () => Promise<T>): Promise<T> {
  const file = holdFile(sharedDir);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const renew = () => writeFile(file, '');
  await renew();
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(file, { force: true });
  }
}

function holdFile(sharedDir: string): string {
  return join(sharedDir, 'run', 'backup');
}

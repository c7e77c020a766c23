import { readFile } from 'node:fs/promises';
import { UsageError } from './command.ts';

/** The PEM of a key that --key names. */
export async function readKey(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--key: ${(error as Error).message}`);
  });
}

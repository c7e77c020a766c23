import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLibraries, type LibrarySettings, librarySettings } from '@hanabi/sandbox';
import { UsageError } from './command.ts';

/** What lies there is only a copy of what can be had again. */
export function defaultCache(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hanabi');
}

/**
 * The folder with what a module declares as its Python libraries, resolved as a server would; the second time it is
 * there at once. Undefined for a module that declares none.
 */
export async function prepareLayer(
  requirements: readonly string[],
  cache: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (requirements.length === 0) return undefined;
  const work_dir = await mkdtemp(join(tmpdir(), 'hanabi-libraries-'));
  await chmod(work_dir, 0o711); // as for the sandbox
  try {
    const store_dir = join(cache, 'libraries');
    const libraries = await createLibraries({ ...settings(), store_dir, work_dir });
    const stop = () => void libraries.close();
    signal.addEventListener('abort', stop);
    try {
      const { layer_dir } = await libraries.prepare(requirements);
      await libraries.collect([requirements]);
      return layer_dir;
    } finally {
      signal.removeEventListener('abort', stop);
      await libraries.close();
    }
  } finally {
    await rm(work_dir, { recursive: true, force: true });
  }
}

function settings(): Pick<LibrarySettings, 'index_url' | 'system_packages'> {
  try {
    return librarySettings(process.env);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HanabiError } from '@hanabi/protocol';
import type { Context } from '../context.ts';
import { type HouseOrigin, moduleFolders } from './registry.ts';

/** The project's folder, from the bundle in apps/server/dist as well as from the sources. */
const PROJECT = join(dirname(fileURLToPath(import.meta.url)).replace(/(apps\/server)\/.*$/, '$1'), '../..');

/** Installs what comes in the box and what the operator named; one broken module does not keep the others away. */
export async function installShipped(context: Context): Promise<void> {
  const shipped: [string, HouseOrigin][] = [];
  for (const dir of await moduleFolders(join(PROJECT, 'modules'))) shipped.push([dir, 'first-party']);
  for (const dir of await moduleFolders(join(PROJECT, 'examples/modules'))) shipped.push([dir, 'example']);
  for (const dir of context.config.module_dirs) shipped.push([dir, 'operator']);
  for (const [dir, origin] of shipped) {
    try {
      await context.registry.install(dir, origin);
    } catch (error) {
      console.error(`Module in ${dir} was not installed: ${(error as Error).message}`);
    }
  }
}

/**
 * Finds the Python libraries of the installed modules, so that their first jobs do not wait, and tells the operator of
 * those that cannot be had: such a module is there, and its worker refuses. Without a sandbox there is nothing to do.
 */
export async function prepareLibraries({ registry, libraries }: Context, signal: AbortSignal): Promise<void> {
  const manifests = registry.manifests();
  for (const manifest of manifests) {
    try {
      await libraries.layerOf(manifest, signal);
    } catch (error) {
      if (!(error instanceof HanabiError) || error.code !== 'HANABI-W018') return;
      console.error(`Module ${manifest.name}: ${error.message}`);
    }
  }
  await libraries.collect(manifests);
}

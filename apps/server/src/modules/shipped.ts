import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import { moduleFolders, type ModuleOrigin } from './registry.ts';

/** The project's folder, from the bundle in apps/server/dist as well as from the sources. */
const PROJECT = join(dirname(fileURLToPath(import.meta.url)).replace(/(apps\/server)\/.*$/, '$1'), '../..');

/** Installs what comes in the box and what the operator named; one broken module does not keep the others away. */
export async function installShipped(context: Context): Promise<void> {
  const shipped: [string, ModuleOrigin][] = [];
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

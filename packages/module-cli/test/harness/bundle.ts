import { join } from 'node:path';
import { build } from 'esbuild';

const PACKAGE = join(import.meta.dirname, '../..');

/** The sources as they are now, where the assets of the repository are found as from the real bundle. */
export async function bundleCommandLine(name: string): Promise<string> {
  const outfile = join(PACKAGE, '../../.cache', `hanabi-${name}-test-${process.pid}.js`);
  const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
  await build({
    entryPoints: [join(PACKAGE, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: banner },
  });
  return outfile;
}

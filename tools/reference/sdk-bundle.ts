/** The SDK as one file, for modules that have no build of their own. */
import { build } from 'esbuild';
import { ROOT } from '../setup/paths.mjs';

const BANNER =
  '// @hanabi/module-sdk, bundled from packages/module-sdk/src by `npm run generate`; changes made here are lost.';

export async function sdkBundle(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['packages/module-sdk/src/index.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    banner: { js: BANNER },
  });
  return outputFiles[0]!.text;
}

import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

test('the bundled, minified client is below 3 KB gzipped and carries nothing of the protocol package', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
  });
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(3072);
  const foreign = Object.keys(metafile.inputs).filter((path) => !path.includes('module-sdk/src/'));
  expect(foreign).toEqual([]);
});

/** How each target is built, into a folder that does not exist yet. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { inRoot } from '../setup/paths.mjs';

/** Packages with native code, or that find files of their own beside them, stay outside the bundles. */
const EXTERNAL = ['@photostructure/sqlite', '@node-rs/argon2', 'pino'];

/** CommonJS packages inside an ES module bundle still call require for Node's own modules. */
const REQUIRE =
  "import { createRequire as hanabiRequire } from 'node:module'; const require = hanabiRequire(import.meta.url);";

/** @type {Record<string, (outdir: string) => Promise<unknown>>} */
export const BUILDERS = {
  server: (outdir) =>
    bundle(
      {
        main: 'apps/server/src/main.ts',
        api: 'apps/server/src/api.ts',
        executor: 'apps/server/src/executor.ts',
        cli: 'apps/server/src/cli/main.ts',
      },
      outdir,
    ),
  cli: (outdir) => bundle({ hanabi: 'packages/module-cli/src/main.ts' }, outdir),
  web: buildWeb,
};

/**
 * @param {Record<string, string>} entryPoints
 * @param {string} outdir
 */
async function bundle(entryPoints, outdir) {
  const { metafile } = await esbuild({
    entryPoints: Object.fromEntries(Object.entries(entryPoints).map(([name, file]) => [name, inRoot(file)])),
    outdir,
    bundle: true,
    // What one of them loads late is a file of its own, and what they share is there once.
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    metafile: true,
    external: EXTERNAL,
    banner: { js: REQUIRE },
    // What goes wrong is told by whoever called.
    logLevel: 'silent',
  });
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    const languages = Object.keys(inputs).filter((input) => OTHER_LANGUAGES.test(input));
    if (languages.length > 0) throw new Error(`${file} has ${languages[0]} in it; say import * as z from 'zod'`);
  }
}

/** All forty come with the object `z` of zod, and each start of a process would read them. */
const OTHER_LANGUAGES = /\/zod\/v4\/locales\/(?!en\.)/;

/** @param {string} outdir */
async function buildWeb(outdir) {
  const { build: vite } = await import('vite');
  await vite({
    root: inRoot('apps/web'),
    configFile: inRoot('apps/web/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: outdir, emptyOutDir: true },
  });
  for (const file of readdirSync(outdir, { recursive: true, encoding: 'utf8' })) {
    if (COMPRESSIBLE.test(file)) compress(path.join(outdir, file));
  }
}

const COMPRESSIBLE = /\.(?:html|js|css|svg|json)$/;

/**
 * Once, at build time, at the highest level; the server only chooses which of the three to send.
 *
 * @param {string} file
 */
function compress(file) {
  const bytes = readFileSync(file);
  writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

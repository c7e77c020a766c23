#!/usr/bin/env node
/** Runs the bundled command line, and bundles it first where no build has done so yet. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bundle = new URL('../dist/hanabi.js', import.meta.url);

if (!existsSync(bundle)) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
    outfile: fileURLToPath(bundle),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // CommonJS packages inside an ES module bundle still call require for Node's own modules.
    banner: {
      js: "import { createRequire as hanabiRequire } from 'node:module'; const require = hanabiRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}
await import(bundle.href);

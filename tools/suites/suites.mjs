/** Every suite of `npm test`: how it runs, what it needs, and how its result is read. The longest stand first. */
import { PYTHON } from '../setup/paths.mjs';
import { readCheck, readPlaywright, readUnittest, readVitest } from './results.mjs';

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {readonly string[]} command
 * @property {(run: import('./results.mjs').SuiteRun) => import('./results.mjs').Result} read
 * @property {boolean} [built] runs what `npm run build` made
 * @property {boolean} [fast] part of `npm run check:fast`
 * @property {readonly string[]} [needs] Debian packages without which no test of the suite can run
 */

const NODE = process.execPath;
const tool = (/** @type {string} */ name) => `node_modules/.bin/${name}`;

/**
 * @param {string} project
 * @returns {Suite}
 */
const vitest = (project) => ({
  name: project,
  command: [
    tool('vitest'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=tools/suites/vitest-report.ts',
  ],
  read: readVitest,
});

/**
 * @param {string} name
 * @param {readonly string[]} command
 * @returns {Suite}
 */
const check = (name, ...command) => ({ name, command, read: readCheck });

/** What the other suites run on; counts as a check of its own. */
export const BUILD = check('build', NODE, 'tools/build.mjs');

/** @type {readonly Suite[]} */
export const SUITES = [
  {
    name: 'e2e',
    command: [tool('playwright'), 'test', '--reporter=list,json'],
    read: readPlaywright,
    built: true,
    needs: ['chromium', 'chromium-headless-shell', 'bubblewrap', 'python3', 'python3-pil', 'python3-pip'],
  },
  { ...vitest('sandbox'), built: true },
  { ...vitest('server'), built: true },
  { ...vitest('temporal'), built: true, needs: ['bubblewrap', 'python3'] },
  { ...vitest('server-postgres'), built: true, needs: ['postgresql'] },
  {
    ...check('docs', tool('tsx'), 'tools/check-docs.ts'),
    built: true,
    needs: ['bubblewrap', 'python3', 'python3-pil', 'python3-pip'],
  },
  check('svelte', 'npm', 'run', 'check', '--workspace', 'apps/web'),
  vitest('web'),
  { ...vitest('unit'), fast: true },
  {
    name: 'python',
    command: [PYTHON, '-m', 'unittest', 'discover', '-v', '-s', 'python/tests'],
    read: readUnittest,
    needs: ['python3', 'python3-pandas'],
  },
  { ...check('lint', tool('oxlint'), '--deny-warnings'), fast: true },
  check('unused', tool('knip')),
  { ...check('types', tool('tsc'), '-b'), fast: true },
  check('format', tool('biome'), 'format'),
  { ...check('imports', tool('tsx'), 'tools/check-imports.ts'), fast: true },
  check('reference', tool('tsx'), 'tools/generate.ts', '--check'),
  check('lock', NODE, 'tools/check-lock.mjs'),
];

/** What the suites use of the machine; `npm test` gets it when it may. */
export const TEST_PACKAGES = [
  'chromium',
  'chromium-headless-shell',
  'bubblewrap',
  'python3',
  // What services may import where their module declares it.
  'python3-pandas',
  'python3-pil',
  'python3-pip',
  'python3-seccomp',
  // For the container backend: an engine of the tests' own, and the image that it runs.
  'docker.io',
  'debootstrap',
  // What a worker may call that was granted worker.native.
  'ffmpeg',
  'imagemagick',
  'libvips-tools',
  'ghostscript',
  // The other engine for the tables of the server.
  'postgresql',
  // An S3 store that checks signatures.
  'swift-proxy',
  'swift-account',
  'swift-container',
  'swift-object',
];

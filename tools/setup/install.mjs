/** `npm ci` when, and only when, node_modules does not match the lock file. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './paths.mjs';
import { runOrExplain } from './run.mjs';
import { withLock } from './lock.mjs';
import { contentHash, readStamp, writeStamp } from './stamp.mjs';
import { step } from './steps.mjs';

const ADVICE =
  'Check that this machine reaches the npm registry (npm ping) and has room on its disk (df -h .), then try again.';

export const installDependencies = () => installLocked('.', 'dependencies');

/** Temporal's own packages, which only their tests need, and who runs workflows on a cluster. */
export const installTemporal = () => installLocked('tools/temporal', 'Temporal’s packages');

/**
 * @param {string} folder with a lock file, below the root
 * @param {string} what
 */
async function installLocked(folder, what) {
  const modules = inRoot(path.join(folder, 'node_modules'));
  const stamp = path.join(modules, '.hanabi-lock');
  const wanted = `${contentHash(path.join(folder, 'package-lock.json'))} node ${process.version.split('.')[0]}`;
  if (readStamp(stamp) === wanted) return;
  await withLock('install', async () => {
    // Another process may have installed while this one waited.
    if (readStamp(stamp) === wanted) return;
    await step({ doing: `Installing ${what}`, done: `Installed ${what}` }, () =>
      runOrExplain('npm', ['ci', '--no-progress', '--prefix', inRoot(folder)], ADVICE),
    );
    mkdirSync(modules, { recursive: true });
    writeStamp(stamp, wanted);
  });
}

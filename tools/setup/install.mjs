/** `npm ci` when, and only when, node_modules does not match the lock file. */
import { mkdirSync } from 'node:fs';
import { inRoot } from './paths.mjs';
import { runOrExplain } from './run.mjs';
import { withLock } from './lock.mjs';
import { contentHash, readStamp, writeStamp } from './stamp.mjs';
import { step } from './steps.mjs';

const STAMP = inRoot('node_modules/.hanabi-lock');
const ADVICE =
  'Check that this machine reaches the npm registry (npm ping) and has room on its disk (df -h .), then try again.';

export async function installDependencies() {
  const wanted = `${contentHash('package-lock.json')} node ${process.version.split('.')[0]}`;
  if (readStamp(STAMP) === wanted) return;
  await withLock('install', async () => {
    // Another process may have installed while this one waited.
    if (readStamp(STAMP) === wanted) return;
    await step({ doing: 'Installing dependencies', done: 'Dependencies installed' }, () =>
      runOrExplain('npm', ['ci', '--no-progress'], ADVICE),
    );
    mkdirSync(inRoot('node_modules'), { recursive: true });
    writeStamp(STAMP, wanted);
  });
}

/**
 * Builds what is out of date: the server and the command line with esbuild, the desktop with vite.
 *
 *   node tools/build.mjs [--force]
 */
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BUILDERS } from './bundle/builders.mjs';
import { markBuilt, staleTargets, TARGETS, targetFingerprint } from './bundle/targets.mjs';
import { hasCode } from './setup/error-code.mjs';
import { withLock } from './setup/lock.mjs';
import { CACHE, inRoot } from './setup/paths.mjs';
import { elapsed } from './setup/steps.mjs';

const force = process.argv.includes('--force');

await withLock('build', async () => {
  // One that fails does not keep the others from being built.
  const targets = force ? TARGETS : staleTargets();
  for (const [index, end] of (await Promise.allSettled(targets.map(build))).entries()) {
    if (end.status === 'fulfilled') continue;
    console.error(`${targets[index]?.name}: ${end.reason instanceof Error ? end.reason.message : String(end.reason)}`);
    process.exitCode = 1;
  }
});

/** @param {import('./bundle/targets.mjs').Target} target */
async function build(target) {
  const start = performance.now();
  const built = targetFingerprint(target);
  const dist = inRoot(`${target.room}/dist`);
  // As deep below the root as dist, so that the paths inside source maps hold after the move.
  const beside = path.join(CACHE, 'build', `${target.name}.new`);
  const old = path.join(CACHE, 'build', `${target.name}.old`);
  rmSync(beside, { recursive: true, force: true });
  await BUILDERS[target.name]?.(beside);
  // A running server keeps the files it has open; the folder is never seen half written.
  rmSync(old, { recursive: true, force: true });
  try {
    renameSync(dist, old);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  renameSync(beside, dist);
  rmSync(old, { recursive: true, force: true });
  markBuilt(target, built);
  console.log(`built ${target.name} (${elapsed(start)})`);
}

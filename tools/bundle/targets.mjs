/** What is built, from which sources, into which folder; and whether it is up to date. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CACHE, inRoot } from '../setup/paths.mjs';
import { fingerprint, readStamp, writeStamp } from '../setup/stamp.mjs';

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {string} room folder of the workspace
 * @property {string} output what must exist afterwards, below `dist`
 * @property {readonly string[]} sources
 */

const SHARED = ['package-lock.json', 'tools/build.mjs', 'tools/bundle', 'packages/protocol'];
const PACKAGES = 'packages/module-package';

/** @type {readonly Target[]} */
export const TARGETS = [
  {
    name: 'server',
    room: 'apps/server',
    output: 'main.js',
    sources: [...SHARED, 'apps/server', PACKAGES, 'packages/sandbox', 'modules'],
  },
  {
    name: 'cli',
    room: 'packages/module-cli',
    output: 'hanabi.js',
    sources: [...SHARED, 'packages/module-cli', PACKAGES, 'packages/sandbox'],
  },
  { name: 'web', room: 'apps/web', output: 'index.html', sources: [...SHARED, 'apps/web'] },
];

/** @param {Target} target */
const stampFile = (target) => path.join(CACHE, 'build', `${target.name}.stamp`);

/** @param {Target} target */
export const targetFingerprint = (target) => fingerprint(target.sources);

/** The targets whose sources changed since they were built, or whose output is gone. */
export function staleTargets() {
  return TARGETS.filter(
    (target) =>
      !existsSync(inRoot(`${target.room}/dist/${target.output}`)) ||
      readStamp(stampFile(target)) !== targetFingerprint(target),
  );
}

/**
 * @param {Target} target
 * @param {string} built its fingerprint from before the build, so that a change during the build is not lost
 */
export function markBuilt(target, built) {
  writeStamp(stampFile(target), built);
}

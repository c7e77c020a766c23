/** Debian packages: what is missing of a list, and getting it when this process may. */
import { existsSync, readdirSync } from 'node:fs';
import { hasApt, isRoot, PYTHON } from './paths.mjs';
import { postgresPrograms } from './postgres.mjs';
import { run } from './run.mjs';

const TIMEOUT_MS = 240_000;
const LISTS = '/var/lib/apt/lists';
const OPTIONS = ['-y', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20', '-o', 'DPkg::Lock::Timeout=60'];
const PYTHON_MODULES = '/usr/lib/python3/dist-packages';

/**
 * How to see, without starting anything, whether the machine has what parts of the house use.
 * @type {Record<string, () => boolean>}
 */
const PRESENT = {
  bubblewrap: () => existsSync('/usr/bin/bwrap'),
  python3: () => existsSync(PYTHON),
  'python3-pandas': () => existsSync(`${PYTHON_MODULES}/pandas`),
  'python3-pil': () => existsSync(`${PYTHON_MODULES}/PIL`),
  'python3-pip': () => existsSync(`${PYTHON_MODULES}/pip`),
  'python3-seccomp': () => namesIn(PYTHON_MODULES).some((name) => name.startsWith('seccomp.')),
  ffmpeg: () => existsSync('/usr/bin/ffmpeg'),
  imagemagick: () => existsSync('/usr/bin/convert'),
  'libvips-tools': () => existsSync('/usr/bin/vips'),
  ghostscript: () => existsSync('/usr/bin/gs'),
  // For the benchmarks alone, as a peer.
  'nginx-light': () => existsSync('/usr/sbin/nginx'),
  'docker.io': () => existsSync('/usr/sbin/dockerd'),
  debootstrap: () => existsSync('/usr/sbin/debootstrap'),
  chromium: () => existsSync('/usr/bin/chromium'),
  'chromium-headless-shell': () => existsSync('/usr/bin/chromium-headless-shell'),
  postgresql: () => postgresPrograms() !== undefined,
  'swift-proxy': () => existsSync('/usr/bin/swift-proxy-server'),
  'swift-account': () => existsSync('/usr/bin/swift-account-server'),
  'swift-container': () => existsSync('/usr/bin/swift-container-server'),
  'swift-object': () => existsSync('/usr/bin/swift-object-server'),
};

/** @param {readonly string[]} packages */
export function missingPackages(packages) {
  return packages.filter((name) => !PRESENT[name]?.());
}

/** @param {string} folder */
const namesIn = (folder) => (existsSync(folder) ? readdirSync(folder) : []);

export const mayInstall = isRoot && hasApt;

/**
 * Never prompts, never lasts for ever, and a failure is an answer.
 * @param {readonly string[]} packages
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function installPackages(packages) {
  let updated = { code: 0, output: '' };
  const hasLists = namesIn(LISTS).some((name) => name.includes('_Packages'));
  if (!hasLists) updated = await aptGet(['update']);
  let installed = await aptGet(['install', '--no-install-recommends', ...packages]);
  if (installed.code !== 0 && hasLists) {
    // Old lists name versions that the mirror no longer has.
    updated = await aptGet(['update']);
    installed = await aptGet(['install', '--no-install-recommends', ...packages]);
  }
  return { ok: missingPackages(packages).length === 0, output: updated.output + installed.output };
}

/** @param {readonly string[]} args */
function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', [...OPTIONS, ...args], { env, timeout_ms: TIMEOUT_MS });
}

/** @param {readonly string[]} packages */
export const installHint = (packages) => `apt-get install --no-install-recommends ${packages.join(' ')}`;

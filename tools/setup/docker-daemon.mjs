/**
 * A Docker of our own for tests and benchmarks, with the image that workers run in: on a private socket, in a temporary
 * folder, without a network, gone at the end. Nothing of a Docker that the machine may have is touched.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inRoot, isRoot, SHARED_CACHE } from './paths.mjs';
import { run } from './run.mjs';

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const BUILD_MS_MAX = 480_000;
const POLL_MS = 50;
const PREFIX = 'hanabi-docker-';
/** Younger ones may be about to start. */
const STALE_AFTER_MS = 120_000;
const CLI = inRoot('packages/module-cli/dist/hanabi.js');
/** What the root tree is made of; the tree is kept until one of them changes. */
const IMAGE_SOURCES = ['packages/sandbox/image/packages.txt', 'packages/sandbox/image/reduce.sh'];

/**
 * @typedef {object} Docker
 * @property {string} socket
 * @property {() => Promise<void>} stop
 */

/**
 * @param {(line: string) => void} say told what takes long
 * @returns {Promise<Docker | { missing: string }>} or why there is none
 */
export async function startDocker(say) {
  if (!isRoot) return { missing: 'only root can start a Docker for the tests' };
  if (!existsSync('/usr/sbin/dockerd')) return { missing: 'Docker is not installed: apt-get install docker.io' };
  if (!existsSync(CLI)) return { missing: 'the command line is not built: npm run build' };
  await removeStale();
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX));
  chmodSync(folder, 0o711); // the socket says itself who may use it
  const { daemon, said } = spawnDaemon(folder);
  const socket = path.join(folder, 'docker.sock');
  const stop = async () => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      const timer = setTimeout(() => daemon.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(timer);
    }
    await remove(folder);
  };
  const problem = (await untilReady(daemon, socket, said)) ?? (await provideImage(socket, say));
  if (problem === undefined) return { socket, stop };
  await stop();
  return { missing: problem };
}

/** What runs left that were killed: their dockerd ended with them, its folder and its mounts did not. */
async function removeStale() {
  for (const name of readdirSync(tmpdir())) {
    const folder = path.join(tmpdir(), name);
    const stat = name.startsWith(PREFIX) ? statSync(folder, { throwIfNoEntry: false }) : undefined;
    if (!stat || Date.now() - stat.mtimeMs < STALE_AFTER_MS) continue;
    const pidfile = path.join(folder, 'pidfile');
    const pid = existsSync(pidfile) ? readFileSync(pidfile, 'utf8').trim() : '';
    if (!pid || !existsSync(`/proc/${pid}`)) await remove(folder);
  }
}

/** @param {string} folder of a dockerd that has ended */
async function remove(folder) {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((at) => at.startsWith(`${folder}/`));
  for (const at of mounts.toReversed()) await run('umount', ['--lazy', at]);
  await run('rm', ['-rf', '--one-file-system', folder]);
}

/** @param {string} folder */
function spawnDaemon(folder) {
  const places = ['data-root', 'exec-root', 'pidfile'].flatMap((name) => [`--${name}`, path.join(folder, name)]);
  const network = ['--iptables=false', '--bridge=none', '--ip-forward=false', '--ip-masq=false'];
  const daemon = spawn(
    // It ends with us, however we end; the containerd that it starts ends with it.
    'setpriv',
    ['--pdeathsig', 'TERM', 'dockerd', '-H', `unix://${folder}/docker.sock`, ...places, ...network],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let text = '';
  daemon.stderr.setEncoding('utf8').on('data', (chunk) => {
    text = (text + chunk).slice(-20_000);
  });
  return { daemon, said: () => text };
}

/**
 * @param {import('node:child_process').ChildProcess} daemon
 * @param {string} socket
 * @param {() => string} said
 * @returns {Promise<string | undefined>} what is wrong
 */
async function untilReady(daemon, socket, said) {
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline) {
    if (daemon.exitCode !== null || daemon.signalCode !== null) {
      const reason = /msg="?(failed to start daemon[^"\n]*)/.exec(said())?.[1];
      const last = said().trim().split('\n').at(-1);
      return `dockerd cannot run here: ${(reason ?? last ?? '').slice(0, 300)}`;
    }
    if (await answers(socket)) return undefined;
    await pause(POLL_MS);
  }
  return 'dockerd did not answer in time';
}

/** @param {string} socket */
function answers(socket) {
  return new Promise((resolve) => {
    request({ socketPath: socket, path: '/_ping' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    })
      .once('error', () => resolve(false))
      .end();
  });
}

/**
 * @param {string} socket
 * @param {(line: string) => void} say
 * @returns {Promise<string | undefined>} what is wrong
 */
async function provideImage(socket, say) {
  const hash = createHash('sha256');
  for (const source of IMAGE_SOURCES) hash.update(readFileSync(inRoot(source)));
  const folder = path.join(SHARED_CACHE, 'worker-image');
  const archive = path.join(folder, `python-${hash.digest('hex').slice(0, 16)}.tar`);
  if (!existsSync(archive)) {
    if (!existsSync('/usr/sbin/debootstrap')) return 'debootstrap is not installed: apt-get install debootstrap';
    say(`Building the image that workers run in; it is kept in ${folder}`);
  }
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, HANABI_WORKER_DOCKER_SOCKET: socket, HANABI_WORKER_IMAGE: '' };
  const args = [CLI, 'worker-image', 'build', '--archive', archive];
  const { code, output } = await run(process.execPath, args, { env, timeout_ms: BUILD_MS_MAX });
  if (code === 0) return undefined;
  return `the image could not be built: ${output.trim().split('\n').slice(-3).join(' ').slice(0, 300)}`;
}

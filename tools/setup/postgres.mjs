/** A PostgreSQL of the tests' own: in a temporary folder, reached through a socket in it, gone when they end. */
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isRoot } from './paths.mjs';

const BINARIES = '/usr/lib/postgresql';
const VERSION_MIN = 15;
const START_TIMEOUT_MS = 30_000;

/** The folder with the programs of the newest version that is new enough; undefined where there is none. */
export function postgresPrograms() {
  const versions = existsSync(BINARIES) ? readdirSync(BINARIES).map(Number) : [];
  const found = versions
    .filter((version) => version >= VERSION_MIN)
    .sort((one, other) => other - one)
    .map((version) => path.join(BINARIES, String(version), 'bin'));
  return found.find((folder) => existsSync(path.join(folder, 'postgres')));
}

/**
 * Sorted as people sort, not as bytes do: what relies on an order has to ask for it. `durable` for those who kill it.
 *
 * @param {{ durable?: boolean }} [options]
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} the address of an empty database
 */
export async function startPostgres({ durable = false } = {}) {
  const programs = postgresPrograms();
  if (!programs) throw new Error(`PostgreSQL ${VERSION_MIN} or newer is not installed`);
  const folder = mkdtempSync(path.join(tmpdir(), 'hanabi-postgres-'));
  const data = path.join(folder, 'data');
  // It refuses to run as root.
  const user = isRoot ? userOf('postgres') : undefined;
  if (user) chownSync(folder, user.uid, user.gid);
  const made = spawnSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'hanabi', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'].concat([
      '--locale-provider=icu',
      '--icu-locale=en-US',
    ]),
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const fast = durable ? [] : ['fsync=off', 'full_page_writes=off', 'autovacuum=off'];
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=200', ...fast];
  const program = [path.join(programs, 'postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  // Should whoever started it be killed, it ends too.
  const server = spawn('setpriv', ['--pdeathsig', 'QUIT', ...program], { ...user, cwd: folder, stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    // Nothing of it is needed any more.
    server.kill('SIGQUIT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + START_TIMEOUT_MS;
  const isReady = () => spawnSync(path.join(programs, 'pg_isready'), ['-q', '-h', folder]).status === 0;
  while (!isReady()) {
    if (server.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error('PostgreSQL did not start');
    }
    await wait(20);
  }
  return { url: `postgres://hanabi@/postgres?host=${encodeURIComponent(folder)}`, stop };
}

/** @param {string} name */
function userOf(name) {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`there is no user "${name}" to run PostgreSQL as`);
  return { uid: Number(uid), gid: Number(gid) };
}

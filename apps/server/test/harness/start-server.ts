/** Starts the real server, as built, on a data folder of its own, and stops it again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Users } from '../../src/accounts/users.ts';
import type { Db } from '../../src/storage/db.ts';
import { FileTree } from '../../src/storage/file-tree.ts';
import { dropDatabase, engineSettings, openDb } from './engine.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export const ADMIN_PASSWORD = 'correct horse battery staple';

export interface RunningServer {
  url: string;
  data_dir: string;
  /** Every line it has printed. */
  lines: string[];
  /** The parent process. */
  process: ChildProcess;
  stop(): Promise<void>;
}

export interface ServerOptions {
  env?: Record<string, string>;
  data_dir?: string;
  /** Users beside the admin, each with its name as password. */
  users?: string[];
  /** Runs on the database before the server opens it. */
  prepare?: (db: Db) => Promise<void>;
}

export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const data_dir = options.data_dir ?? (await mkdtemp(join(tmpdir(), 'hanabi-server-')));
  if (options.users || options.prepare) await seed(data_dir, options);
  const env = {
    PATH: process.env['PATH'],
    HANABI_HOST: '127.0.0.1',
    HANABI_PORT: '0',
    HANABI_DATA_DIR: data_dir,
    HANABI_ADMIN_PASSWORD: ADMIN_PASSWORD,
    HANABI_WORKER_SANDBOX_BACKEND: 'disabled',
    ...(await engineSettings(data_dir)),
    ...options.env,
  };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const url = await readyUrl(child, lines);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    if (options.data_dir) return;
    await dropDatabase(data_dir);
    await rm(data_dir, { recursive: true, force: true });
  };
  return { url, data_dir, lines, process: child, stop };
}

function readyUrl(child: ChildProcess, lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const match = /^HanabiMatsuri ready at (http:\S+)$/.exec(line);
        if (match) resolve(match[1]!);
      });
    }
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${lines.join('\n')}`)));
  });
}

async function seed(dataDir: string, { users = [], prepare }: ServerOptions): Promise<void> {
  const db = await openDb(dataDir);
  try {
    const accounts = new Users(db, new FileTree(db));
    await accounts.ensureAdmin(ADMIN_PASSWORD);
    for (const name of users) await accounts.create(name, name, 'user');
    await prepare?.(db);
  } finally {
    await db.destroy();
  }
}

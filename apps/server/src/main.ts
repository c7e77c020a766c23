/**
 * The parent: owns the sandboxes and keeps the API process running, or, called with "executor", one that only works off
 * the queue. It stays small on purpose, because starting a process takes longer the more memory the one that starts it
 * has, and because this is the part that may need root.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLibraries, createSandbox, serveSandbox } from '@hanabi/sandbox';
import { ConfigError, makeDataDir, readConfig } from './config.ts';
import { newId } from './ids.ts';

/** Exit code of the API process for a setting that cannot work (EX_CONFIG). */
const EXIT_CONFIG = 78;
const CRASHES_MAX = 5;
const CRASH_WINDOW_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

async function start(): Promise<void> {
  const config = readConfig();
  const program = process.argv[2] === 'executor' ? 'executor.js' : 'api.js';
  makeDataDir(config);
  const run = join(config.data_dir, 'run');
  await mkdir(run, { recursive: true, mode: 0o700 });
  const socket = socketPath(run);
  await claim(socket, config.data_dir);
  const sandbox = await createSandbox({
    backend: config.sandbox_backend,
    work_dir: join(config.data_dir, 'sandbox'),
    jobs_max: config.sandbox_jobs_max,
    fork_server: config.sandbox_fork_server,
    container: config.container,
    native_root: config.native_root,
  });
  // Without a sandbox nothing can be resolved, and nothing needs to be.
  const libraries =
    config.sandbox_backend === 'disabled'
      ? undefined
      : await createLibraries({
          ...config.libraries,
          store_dir: join(config.data_dir, 'libraries'),
          work_dir: join(config.data_dir, 'sandbox', 'libraries'),
        });
  const served = await serveSandbox(sandbox, socket, undefined, libraries);

  let api: ChildProcess | undefined;
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    if (api && api.exitCode === null && api.signalCode === null) await endChild(api);
    await Promise.all([libraries?.close(), served.close()]);
    await sandbox.close();
    await rm(socket, { force: true });
    process.exit(code);
  };
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));

  const crashes: number[] = [];
  const startApi = () => {
    api = fork(join(dirname(fileURLToPath(import.meta.url)), program), [socket], { stdio: 'inherit' });
    api.once('exit', (code, signal) => {
      if (stopping) return;
      crashes.push(Date.now());
      const recent = crashes.filter((time) => time > Date.now() - CRASH_WINDOW_MS).length;
      const hopeless = code === EXIT_CONFIG || recent >= CRASHES_MAX;
      if (code !== EXIT_CONFIG)
        console.error(
          `The ${program === 'api.js' ? 'API' : 'executor'} process ended (${signal ?? `exit code ${code}`})`,
        );
      if (hopeless) void stop(1);
      else startApi();
    });
  };
  startApi();
}

/** A unix socket's path may have at most 107 bytes, so a long data folder gets one elsewhere. */
function socketPath(run: string): string {
  const path = join(run, 'supervisor.sock');
  return Buffer.byteLength(path) <= 107 ? path : join(tmpdir(), `hanabi-${newId()}.sock`);
}

/** Two servers on one data folder would undo each other's work. */
async function claim(socket: string, dataDir: string): Promise<void> {
  if (!existsSync(socket)) return;
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (answered) throw new ConfigError(`HANABI_DATA_DIR: another HanabiMatsuri is running on ${dataDir}`);
  await rm(socket, { force: true });
}

async function endChild(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

start().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});

/** Puts the server together. The only place that knows which engines stand behind the interfaces. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connectSandbox, type Sandbox, type SandboxStatus } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import { FailureMeter } from './accounts/failure-meter.ts';
import { Sessions } from './accounts/sessions.ts';
import { Users } from './accounts/users.ts';
import type { Config } from './config.ts';
import { Jobs } from './jobs/jobs.ts';
import { Launches } from './modules/launches.ts';
import { ModuleRegistry } from './modules/registry.ts';
import { Settings } from './storage/settings.ts';
import { Blobs } from './storage/blobs.ts';
import { type Db, openDb } from './storage/db.ts';
import { FileTree } from './storage/file-tree.ts';

export interface Context {
  config: Config;
  log: Logger;
  db: Db;
  blobs: Blobs;
  tree: FileTree;
  users: Users;
  sessions: Sessions;
  failures: FailureMeter;
  registry: ModuleRegistry;
  launches: Launches;
  settings: Settings;
  jobs: Jobs;
  sandbox: Sandbox;
}

export async function openContext(config: Config, supervisorSocket: string, log: Logger): Promise<Context> {
  const db = await openDb(config.data_dir);
  const blobs = await Blobs.open(join(config.data_dir, 'blobs'));
  await mkdir(join(config.data_dir, 'modules'), { recursive: true });
  const tree = new FileTree(db);
  const users = new Users(db, tree);
  const sessions = new Sessions(db, users);
  const registry = new ModuleRegistry(db, config.data_dir);
  await registry.load();
  const launches = new Launches(db, tree, registry);
  await launches.load();
  const sandbox = connectSandbox(supervisorSocket);
  const jobs = new Jobs({ db, blobs, tree, sandbox });
  await jobs.failInterrupted();
  const settings = new Settings(db);
  const failures = new FailureMeter();
  return { config, log, db, blobs, tree, users, sessions, failures, registry, launches, settings, jobs, sandbox };
}

/** Whether workers can run. A supervisor that is away is no reason for the rest of the desktop to stand still. */
export async function sandboxStatus(context: Context): Promise<SandboxStatus> {
  try {
    return await context.sandbox.status();
  } catch (error) {
    context.log.error({ err: error }, 'the supervisor does not answer');
    const note = 'the supervisor of the sandboxes does not answer: workers do not run until the server is restarted';
    return { backend: context.config.sandbox_backend, ready: false, note, limits: 'soft' };
  }
}

export async function closeContext(context: Context): Promise<void> {
  await context.sandbox.close();
  await context.db.destroy();
}

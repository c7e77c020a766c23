/** Puts the server together. The only place that knows which engines stand behind the interfaces. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { connectLibraries, connectSandbox, type Sandbox, type SandboxStatus } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import { Sessions } from './accounts/sessions.ts';
import { SignIns } from './accounts/sign-ins.ts';
import { Users } from './accounts/users.ts';
import { Capacity } from './capacity.ts';
import { Audit } from './audit.ts';
import { type Config, ConfigError } from './config.ts';
import { Jobs } from './jobs/jobs.ts';
import { Launches } from './modules/launches.ts';
import { ModuleLibraries } from './modules/libraries.ts';
import { MediaTickets } from './modules/media-tickets.ts';
import { ModuleRegistry } from './modules/registry.ts';
import { Schedules } from './schedules/schedules.ts';
import { Associations } from './storage/associations.ts';
import { DataStore } from './storage/data/data-store.ts';
import { Settings } from './storage/settings.ts';
import { BlobCollector } from './storage/blob-collector.ts';
import type { BlobEngine } from './storage/blob-engine.ts';
import { Blobs } from './storage/blobs.ts';
import { type Db, openDb } from './storage/db.ts';
import { FileTree } from './storage/file-tree.ts';
import { LocalBlobs } from './storage/local-blobs.ts';
import { S3Blobs } from './storage/s3-blobs.ts';
import { Uploads } from './storage/uploads.ts';
import { Thumbnails } from './workers/thumbnails.ts';

export interface Context {
  config: Config;
  log: Logger;
  db: Db;
  blobs: Blobs;
  collector: BlobCollector;
  tree: FileTree;
  uploads: Uploads;
  users: Users;
  sessions: Sessions;
  signIns: SignIns;
  /** For files that travel as base64, in bytes by user id. */
  base64Memory: Capacity;
  registry: ModuleRegistry;
  libraries: ModuleLibraries;
  launches: Launches;
  mediaTickets: MediaTickets;
  settings: Settings;
  dataStore: DataStore;
  associations: Associations;
  jobs: Jobs;
  schedules: Schedules;
  thumbnails: Thumbnails;
  sandbox: Sandbox;
}

export async function openContext(config: Config, supervisorSocket: string, log: Logger): Promise<Context> {
  const db = await openDb(config.data_dir);
  const blobs = await Blobs.open(join(config.data_dir, 'blobs'), await blobEngine(config));
  await mkdir(join(config.data_dir, 'modules'), { recursive: true });
  const tree = new FileTree(db, { storage_limit_bytes: config.user_storage_limit_bytes });
  const uploads = await Uploads.open({ db, blobs, tree, log, dir: join(config.data_dir, 'uploads') });
  const users = new Users(db, tree);
  const sessions = new Sessions(db, users);
  const registry = new ModuleRegistry(db, config.data_dir, Object.keys(config.worker_tiers));
  await registry.load();
  await registry.followGrants();
  const launches = new Launches(db, tree, registry);
  await launches.load();
  const mediaTickets = await MediaTickets.open(config.data_dir);
  const sandbox = connectSandbox(supervisorSocket);
  const libraries = new ModuleLibraries(connectLibraries(supervisorSocket));
  const audit = new Audit(db);
  const jobs = new Jobs({
    db,
    blobs,
    tree,
    users,
    registry,
    sandbox,
    audit,
    libraries,
    log,
    tiers: config.worker_tiers,
    network: config.network,
    places: config.sandbox_jobs_max,
  });
  const schedules = new Schedules({ db, tree, registry, jobs, log });
  const thumbnails = new Thumbnails({ db, blobs, sandbox });
  const settings = new Settings(db);
  const dataStore = new DataStore(db, config.data_quota);
  const associations = new Associations(db);
  const signIns = new SignIns(users);
  const base64Memory = new Capacity({
    total: LIMITS.base64_memory_bytes_max,
    share: LIMITS.base64_memory_of_user_bytes_max,
    waiting_max: LIMITS.base64_memory_waiting_max,
    wait_ms_max: LIMITS.base64_memory_wait_ms_max,
  });
  const collector = new BlobCollector(db, blobs, log);
  collector.start();
  return {
    config,
    log,
    db,
    blobs,
    collector,
    tree,
    uploads,
    users,
    sessions,
    signIns,
    base64Memory,
    registry,
    libraries,
    launches,
    mediaTickets,
    settings,
    dataStore,
    associations,
    jobs,
    schedules,
    thumbnails,
    sandbox,
  };
}

/** Where contents are kept. */
export async function blobEngine({ s3, data_dir }: Pick<Config, 's3' | 'data_dir'>): Promise<BlobEngine> {
  if (!s3) return new LocalBlobs(join(data_dir, 'blobs'));
  const engine = new S3Blobs(s3, join(data_dir, 'cache', 'blobs'));
  let problem = 'it is not there, or the keys do not open it';
  const usable = await engine.usable().catch((error: unknown) => {
    problem = (error as Error).message;
    return false;
  });
  if (!usable) throw new ConfigError(`HANABI_S3_BUCKET: cannot use ${s3.bucket} at ${s3.endpoint}: ${problem}`);
  return engine;
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
  context.registry.close();
  await context.uploads.close();
  await context.schedules.close();
  await context.jobs.close();
  await context.thumbnails.close();
  await context.sandbox.close();
  await context.collector.stop();
  await context.db.destroy();
}

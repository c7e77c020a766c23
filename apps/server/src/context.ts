/** Puts the server together. The only place that knows which engines stand behind the interfaces. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { connectEgress, connectLibraries, connectSandbox, type Sandbox, type SandboxStatus } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import { AccountKeys } from './accounts/account-keys.ts';
import { Challenges } from './accounts/challenges.ts';
import { Identities } from './accounts/identities.ts';
import { Invitations } from './accounts/invitations.ts';
import { KnownDevices } from './accounts/known-devices.ts';
import { Oidc } from './accounts/oidc.ts';
import { Passkeys } from './accounts/passkeys.ts';
import { SecondFactors } from './accounts/second-factors.ts';
import { Sessions } from './accounts/sessions.ts';
import { SignIns } from './accounts/sign-ins.ts';
import { Users } from './accounts/users.ts';
import { Audit } from './audit.ts';
import { isHeld } from './backup/hold.ts';
import { Capacity } from './capacity.ts';
import { onChanged } from './changes-signal.ts';
import { type Config, ConfigError, readSecretKeys, readWorkflowEngine } from './config.ts';
import { ConnectionKeys } from './connections/connection-keys.ts';
import { ConnectionStore } from './connections/connection-store.ts';
import { Connections } from './connections/connections.ts';
import { Credentials } from './connections/credentials.ts';
import { Spending } from './connections/spending.ts';
import { Jobs } from './jobs/jobs.ts';
import { readOrMakeKey } from './key-file.ts';
import { type LiveBus, LocalBus } from './live/bus.ts';
import { Live } from './live/live.ts';
import { SignalsBus } from './live/signals-bus.ts';
import { Launches } from './modules/launches.ts';
import { ModuleLibraries } from './modules/libraries.ts';
import { MediaTickets } from './modules/media-tickets.ts';
import { ModuleStore } from './modules/module-store.ts';
import { PackageCollector } from './modules/package-collector.ts';
import { PublishKeys } from './modules/publish-keys.ts';
import { Publisher } from './modules/publisher.ts';
import { removeReceived } from './modules/receive-package.ts';
import { PermissionUses } from './modules/permission-uses.ts';
import { ModuleRegistry } from './modules/registry.ts';
import { Reviews } from './modules/reviews.ts';
import { Presence } from './presence.ts';
import { Schedules } from './schedules/schedules.ts';
import { Services } from './services/services.ts';
import { Associations } from './storage/associations.ts';
import { DataStore } from './storage/data/data-store.ts';
import { DesktopItems } from './storage/desktop-items.ts';
import { Notices } from './storage/notices.ts';
import { Preferences } from './storage/preferences.ts';
import { Settings } from './storage/settings.ts';
import { BlobCollector } from './storage/blob-collector.ts';
import type { BlobEngine } from './storage/blob-engine.ts';
import { PostgresBlobGuard } from './storage/blob-guard.ts';
import { Blobs } from './storage/blobs.ts';
import { isSqlite } from './storage/clock.ts';
import { type Db, openDb } from './storage/db.ts';
import { FileTree } from './storage/file-tree.ts';
import { LocalBlobs } from './storage/local-blobs.ts';
import { S3Blobs } from './storage/s3-blobs.ts';
import { Signals } from './storage/signals.ts';
import { Uploads } from './storage/uploads.ts';
import { ClusterWorkflows } from './workflows/cluster/cluster-workflows.ts';
import type { WorkflowKeeper } from './workflows/workflow-keeper.ts';
import { WorkflowChecks } from './workflows/workflow-checks.ts';
import { Workflows } from './workflows/workflows.ts';
import { Thumbnails } from './workers/thumbnails.ts';

export interface Context {
  config: Config;
  log: Logger;
  db: Db;
  signals: Signals;
  blobs: Blobs;
  /** Only where several servers can store contents. */
  blobGuard: PostgresBlobGuard | undefined;
  collector: BlobCollector;
  tree: FileTree;
  uploads: Uploads;
  users: Users;
  sessions: Sessions;
  live: Live;
  signIns: SignIns;
  secondFactors: SecondFactors;
  passkeys: Passkeys;
  identities: Identities;
  /** Only where the operator has named a service. */
  oidc: Oidc | undefined;
  knownDevices: KnownDevices;
  invitations: Invitations;
  audit: Audit;
  uses: PermissionUses;
  /** Ends what hears of accounts that another process changes. */
  stopFollowingAccounts: () => void;
  /** For files that travel as base64, in bytes by user id. */
  base64Memory: Capacity;
  registry: ModuleRegistry;
  publisher: Publisher;
  publishKeys: PublishKeys;
  reviews: Reviews;
  moduleStore: ModuleStore;
  packageCollector: PackageCollector;
  libraries: ModuleLibraries;
  launches: Launches;
  mediaTickets: MediaTickets;
  settings: Settings;
  dataStore: DataStore;
  associations: Associations;
  preferences: Preferences;
  notices: Notices;
  desktopItems: DesktopItems;
  jobs: Jobs;
  schedules: Schedules;
  services: Services;
  connections: Connections;
  workflows: WorkflowKeeper;
  workflowChecks: WorkflowChecks;
  thumbnails: Thumbnails;
  sandbox: Sandbox;
  presence: Presence;
}

export async function openContext(config: Config, supervisorSocket: string, log: Logger): Promise<Context> {
  const lost = (error: Error) => log.warn({ err: error }, 'a connection to the database was lost');
  const db = await openDb(config.data_dir, config.database_url, lost);
  const signals = await Signals.open(db, config.database_url, log);
  // Nobody else has the data folder: main.ts sees to that.
  const shared = config.shared_dir !== config.data_dir;
  const guard = config.database_url ? new PostgresBlobGuard(config.database_url, lost) : undefined;
  const blobs = await Blobs.open(join(config.shared_dir, 'blobs'), await blobEngine(config), { guard, shared });
  await mkdir(join(config.shared_dir, 'modules'), { recursive: true });
  await removeReceived(join(config.shared_dir, 'modules'));
  const tree = new FileTree(db, { storage_limit_bytes: config.user_storage_limit_bytes });
  const uploads = await Uploads.open({ db, blobs, tree, log, dir: join(config.shared_dir, 'uploads'), shared });
  const users = new Users(db, tree);
  const sessions = new Sessions(db, users);
  const keys = await AccountKeys.open(config.shared_dir);
  const knownDevices = new KnownDevices(keys);
  const secondFactors = new SecondFactors(db, keys);
  const passkeys = new Passkeys(db, users, new Challenges(keys));
  const identities = new Identities(db);
  const oidc = config.oidc && new Oidc(config.oidc, keys, log);
  const bus = isSqlite(db) ? new LocalBus() : new SignalsBus(signals);
  const live = new Live(bus, async (tokenHash) => (await sessions.withHash(tokenHash)) !== undefined);
  sessions.onEnded((tokenHash) => live.sessionEnded(tokenHash));
  const registry = new ModuleRegistry(db, config, Object.keys(config.worker_tiers));
  await registry.load();
  await registry.followGrants();
  registry.followServers(signals);
  registry.onRightsChanged(() => live.rightsChanged());
  const launches = new Launches(db, tree, registry, signals);
  followSessions(bus, sessions, launches);
  await launches.load();
  sessions.onEnded((tokenHash) => launches.sessionEnded(tokenHash));
  const stopFollowingAccounts = await followAccounts({ config, signals, sessions, registry, log });
  const mediaTickets = await MediaTickets.open(config.shared_dir);
  const sandbox = connectSandbox(supervisorSocket);
  const libraries = new ModuleLibraries(connectLibraries(supervisorSocket));
  const audit = new Audit(db);
  const uses = new PermissionUses(db, audit, log);
  const server_id = await serverId(config.data_dir);
  const works_off = config.sandbox_backend !== 'disabled';
  const places = config.sandbox_jobs_max;
  /** What jobs, services and workflows need alike: who wants a program, with what rights, and where it runs. */
  const running = {
    db,
    users,
    registry,
    libraries,
    sandbox,
    audit,
    live,
    signals,
    log,
    uses,
    tiers: config.worker_tiers,
    network: config.network,
    server_id,
    works_off,
  };
  const takesQueue = isSqlite(db) || works_off;
  const jobs = new Jobs({ ...running, blobs, tree, bus, places, works_off: takesQueue });
  const presence = new Presence({ db, log, server_id, places: takesQueue ? places : 0 });
  const schedules = new Schedules({ db, tree, registry, jobs, live, log });
  const egress = connectEgress(supervisorSocket);
  const connections = new Connections({
    store: new ConnectionStore(db),
    credentials: new Credentials(new ConnectionKeys(config.shared_dir, readSecretKeys())),
    spending: new Spending(db),
    registry,
    egress,
    audit,
    network: config.network,
  });
  const services = new Services({ ...running, blobs, tree, egress, connections });
  const workflows = openWorkflows({ ...running, places, data_dir: config.data_dir });
  const thumbnails = new Thumbnails({ db, blobs, sandbox });
  const settings = new Settings(db);
  const dataStore = new DataStore(db, config.data_quota);
  const associations = new Associations(db);
  const preferences = new Preferences(db);
  const notices = new Notices(db);
  const desktopItems = new DesktopItems(db, tree);
  const { shared_dir, worker_tiers: tiers, module_updates } = config;
  const publisher = new Publisher({
    db,
    shared_dir,
    registry,
    sandbox,
    tiers: Object.keys(tiers),
    direct_updates: module_updates === 'direct',
  });
  const publishKeys = new PublishKeys(db, users);
  const reviews = new Reviews({ db, shared_dir, registry, users, libraries, sandbox, tiers, schedules });
  const workflowChecks = new WorkflowChecks({ db, shared_dir, registry, libraries, sandbox, workflows });
  const moduleStore = new ModuleStore({
    db,
    shared_dir,
    registry,
    users,
    tree,
    dataStore,
    settings,
    schedules,
    workflows,
    collectLibraries: () => libraries.collect(registry.manifests()),
  });
  const signIns = new SignIns(users, knownDevices, secondFactors);
  const invitations = new Invitations(db);
  const base64Memory = new Capacity({
    total: LIMITS.base64_memory_bytes_max,
    share: LIMITS.base64_memory_of_user_bytes_max,
    waiting_max: LIMITS.base64_memory_waiting_max,
    wait_ms_max: LIMITS.base64_memory_wait_ms_max,
  });
  const held = () => isHeld(shared_dir);
  const collector = new BlobCollector(db, blobs, log, held);
  collector.start();
  const packageCollector = new PackageCollector({ db, shared_dir, log, isHeld: held });
  packageCollector.start();
  return {
    config,
    log,
    db,
    signals,
    blobs,
    blobGuard: guard,
    collector,
    tree,
    uploads,
    users,
    sessions,
    live,
    signIns,
    secondFactors,
    passkeys,
    identities,
    oidc,
    knownDevices,
    invitations,
    audit,
    uses,
    stopFollowingAccounts,
    base64Memory,
    registry,
    publisher,
    publishKeys,
    reviews,
    moduleStore,
    packageCollector,
    libraries,
    launches,
    mediaTickets,
    settings,
    dataStore,
    associations,
    preferences,
    notices,
    desktopItems,
    jobs,
    schedules,
    services,
    connections,
    workflows,
    workflowChecks,
    thumbnails,
    sandbox,
    presence,
  };
}

/** Hears of accounts that the command line or another server has changed. Returns what ends it. */
function followAccounts(
  parts: Pick<Context, 'config' | 'signals' | 'sessions' | 'registry' | 'log'>,
): Promise<() => void> {
  const refresh = () => {
    parts.registry.rightsChanged();
    parts.sessions.refresh().catch((error: unknown) => {
      parts.log.error({ err: error }, 'sessions could not be read anew');
    });
  };
  parts.signals.on('accounts', refresh);
  return onChanged(parts.config.data_dir, 'accounts', refresh);
}

/** The same after each start: what it had before, it has no more. */
async function serverId(dataDir: string): Promise<string> {
  return (await readOrMakeKey(dataDir, 'server.id')).toString('base64url');
}

/** What this server remembers of a session ends with it, on whichever server that is. */
function followSessions(bus: LiveBus, sessions: Sessions, launches: Launches): void {
  bus.subscribe((message) => {
    if (message.kind === 'gap') sessions.endedElsewhere();
    if (message.kind !== 'session-ended') return;
    sessions.endedElsewhere(message.token_hash);
    launches.sessionEnded(message.token_hash);
  });
}

/** Where contents are kept. */
export async function blobEngine(config: Pick<Config, 's3' | 'data_dir' | 'shared_dir'>): Promise<BlobEngine> {
  const { s3, data_dir, shared_dir } = config;
  if (!s3) return new LocalBlobs(join(shared_dir, 'blobs'));
  const engine = new S3Blobs(s3, join(data_dir, 'cache', 'blobs'));
  let problem = 'it is not there, or the keys do not open it';
  const usable = await engine.usable().catch((error: unknown) => {
    problem = (error as Error).message;
    return false;
  });
  if (!usable) throw new ConfigError(`HANABI_S3_BUCKET: cannot use ${s3.bucket} at ${s3.endpoint}: ${problem}`);
  return engine;
}

/** Who keeps workflows, as the operator says. */
function openWorkflows(parts: ConstructorParameters<typeof Workflows>[0]): WorkflowKeeper {
  const cluster = readWorkflowEngine();
  return cluster ? new ClusterWorkflows(parts, cluster) : new Workflows(parts);
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
  context.stopFollowingAccounts();
  context.live.close();
  context.registry.close();
  await context.uploads.close();
  await context.schedules.close();
  await context.services.close();
  await context.workflows.close();
  await context.jobs.close();
  await context.presence.close();
  await context.thumbnails.close();
  await context.sandbox.close();
  await context.packageCollector.stop();
  await context.collector.stop();
  await context.blobGuard?.close();
  await context.signals.close();
  await context.db.destroy();
}

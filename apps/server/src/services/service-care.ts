/**
 * The services in the care of this server, each by a lease. A server that starts, or hears that something has changed,
 * goes on with all that nobody cares for, and lets go what is not wanted any more.
 */
import {
  HanabiError,
  LIMITS,
  type LivePayloads,
  requirePermission,
  type TierLimits,
  type Tiers,
  WORKER_TIERS,
} from '@hanabi/protocol';
import {
  type HostFetch,
  type NetworkRules,
  type Sandbox,
  type ServiceNews,
  ServiceRunner,
  type Standing,
} from '@hanabi/sandbox';
import type { Logger } from 'pino';
import { requireActive, type Users } from '../accounts/users.ts';
import type { Audit } from '../audit.ts';
import type { Connections } from '../connections/connections.ts';
import { newId } from '../ids.ts';
import type { ModuleLibraries } from '../modules/libraries.ts';
import type { PermissionUses } from '../modules/permission-uses.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import type { Blobs } from '../storage/blobs.ts';
import type { FileTree } from '../storage/file-tree.ts';
import { Gateway } from './gateway.ts';
import { ServiceEgress } from './service-egress.ts';
import { ServiceFiles } from './service-files.ts';
import type { ServiceOwner, ServiceRow, ServiceRows } from './service-rows.ts';
import { intervalOf } from './service-status.ts';
import type { ServiceStore } from './service-store.ts';

/** What of a service has changed. */
export type Changed = LivePayloads['service']['what'];

export interface CareParts {
  blobs: Blobs;
  tree: FileTree;
  users: Users;
  registry: ModuleRegistry;
  libraries: ModuleLibraries;
  sandbox: Sandbox;
  audit: Audit;
  log: Logger;
  network: NetworkRules;
  uses: PermissionUses;
  /** What an administrator may name as the tier of a service. */
  tiers: Tiers;
  /** Who makes the requests. */
  egress: HostFetch;
  connections: Connections;
  /** The same after each start. */
  server_id: string;
  /** Whether this server has a sandbox to run them in. */
  works_off: boolean;
  rows: ServiceRows;
  store: ServiceStore;
  readonly changed: (owner: ServiceOwner, what: Changed) => void;
  /** Other servers may care for what this one has let go. */
  released(): void;
}

interface Running {
  owner: ServiceOwner;
  runner: ServiceRunner;
  package_dir: string;
  ending: AbortController;
  /** It has been loaded, and the row says so. */
  hasStarted: boolean;
}

/** Its processor time does not run out; a tick’s time does, and the cgroup lets none of them have more than one core. */
function limitsOf({ quota }: InstalledModule, tiers: Tiers): TierLimits {
  const { service_tier: tier } = quota;
  const limits = tier !== null && Object.hasOwn(tiers, tier) ? tiers[tier]! : WORKER_TIERS.small;
  return { ...limits, cpu_ms_max: LIMITS.service_cpu_ms_max, processes_max: LIMITS.service_processes_max };
}

export class ServiceCare {
  private readonly parts: CareParts;
  private readonly server: string;
  private readonly running = new Map<string, Running>();
  private timer: NodeJS.Timeout | undefined;
  /** One look after the other: starting and stopping take a while, and must not cross. */
  private turn: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(parts: CareParts) {
    this.parts = parts;
    this.server = parts.server_id;
  }

  async start(): Promise<void> {
    if (!this.parts.works_off) return;
    this.parts.registry.onRightsChanged(() => void this.look());
    await this.look();
    this.timer = setInterval(() => void this.look(), LIMITS.job_lease_ms / 3).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.turn;
    await Promise.all([...this.running.values()].map((one) => this.end(one, LIMITS.service_leave_ms)));
  }

  /** Brings what runs here to what is wanted. Settles when it is so; never throws. */
  look(): Promise<void> {
    this.turn = this.turn
      .then(() => (this.closed || !this.parts.works_off ? undefined : this.lookNow()))
      .catch((error: unknown) => this.parts.log.error({ err: error }, 'services could not be looked after'));
    return this.turn;
  }

  /** One tick as soon as none runs; false where it is not in the care of this server. */
  tick(owner: ServiceOwner): boolean {
    const one = this.running.get(keyOf(owner));
    one?.runner.tickNow();
    return one !== undefined;
  }

  private async lookNow(): Promise<void> {
    const { rows } = this.parts;
    const started = new Set([...this.running.values()].filter(({ hasStarted }) => hasStarted));
    const mine = new Map((await rows.renew(this.server)).map((row) => [keyOf(row), row]));
    const ends: Promise<void>[] = [];
    for (const [key, one] of this.running) {
      const row = mine.get(key);
      const isWantedAnew = row?.started_ms === null && started.has(one);
      const patience_ms = !row || isWantedAnew ? 0 : await this.patienceWith(one);
      if (patience_ms !== undefined) ends.push(this.end(one, patience_ms));
    }
    await Promise.all(ends);
    for (const row of await rows.claim(this.server)) await this.launch(row);
  }

  /**
   * Undefined: it stays. What may no longer run ends at once and is not tried again; what has another version has the
   * time for its tick, is loaded anew, and finds what it kept.
   */
  private async patienceWith({ owner, package_dir }: Running): Promise<number | undefined> {
    try {
      return (await this.permitted(owner)).package_dir === package_dir ? undefined : LIMITS.service_leave_ms;
    } catch (error) {
      if (!(error instanceof HanabiError)) throw error;
      await this.fail(owner, error);
      return 0;
    }
  }

  private async permitted({ module_id, user_id }: ServiceOwner): Promise<InstalledModule> {
    const { registry, users } = this.parts;
    const module = registry.getInUse(module_id, user_id);
    requireActive(await users.byId(user_id));
    requirePermission('worker.service', await registry.rights(module, user_id));
    return module;
  }

  private async launch(row: ServiceRow): Promise<void> {
    const owner = { user_id: row.user_id, module_id: row.module_id };
    if (this.running.has(keyOf(owner))) return;
    try {
      const running = await this.runningOf(owner, row);
      await this.tellOfCutTick(owner, row);
      this.running.set(keyOf(owner), running);
      running.runner.start();
    } catch (error) {
      if (error instanceof HanabiError) await this.fail(owner, error);
      await this.parts.rows.release(owner, this.server);
      if (!(error instanceof HanabiError)) throw error;
    }
  }

  /** A tick that was cut off has perhaps done half of what it does, so it is not repeated; but its user reads of it. */
  private async tellOfCutTick(owner: ServiceOwner, { begun_tick_ms }: ServiceRow): Promise<void> {
    if (begun_tick_ms === null) return;
    const at = new Date(begun_tick_ms).toISOString();
    const message = `The tick of ${at} was cut off when its server or its version ended, and is not repeated`;
    await this.parts.store.write(owner, [{ level: 'warn', message }]);
    await this.parts.rows.note(owner, this.server, { begun_tick_ms: null });
  }

  private async runningOf(owner: ServiceOwner, row: ServiceRow): Promise<Running> {
    const { users, sandbox, libraries } = this.parts;
    const module = await this.permitted(owner);
    const entry = module.manifest.entrypoints.service;
    const user = await users.byId(owner.user_id);
    if (!entry || !user) throw new HanabiError('HANABI-W024', module.manifest.name);
    this.parts.uses.note({ user, module, detail: 'service' }, ['worker.service']);
    const ending = new AbortController();
    const gateway = this.gatewayOf(owner, module, new ServiceFiles(this.parts, user, module.manifest), ending.signal);
    const runner = new ServiceRunner({
      interval_ms: intervalOf(module),
      next_tick_ms: row.next_tick_ms ?? undefined,
      failures: row.failures,
      open: async (signal) =>
        sandbox.openService(
          {
            id: newId(),
            module_dir: module.package_dir,
            entry,
            limits: limitsOf(module, this.parts.tiers),
            layer_dir: await libraries.layerOf(module.manifest, signal),
          },
          signal,
        ),
      answer: (method, params) => gateway.answer(method, params),
      tell: (news) => this.note(running, news),
    });
    const running: Running = { owner, runner, package_dir: module.package_dir, ending, hasStarted: false };
    return running;
  }

  private gatewayOf(owner: ServiceOwner, module: InstalledModule, files: ServiceFiles, signal: AbortSignal): Gateway {
    const { registry, store, changed, log } = this.parts;
    const rights = () => registry.rights(module, owner.user_id);
    return new Gateway({
      owner,
      store,
      files,
      egress: new ServiceEgress({ ...this.parts, owner, module, rights, signal }),
      connector: (method, params) => this.parts.connections.call({ owner, module, signal }, method, params),
      rights,
      changed: (what) => changed(owner, what),
      log,
      signal,
    });
  }

  private async note(one: Running, news: ServiceNews): Promise<Standing> {
    const standing = await this.written(one, news).then(
      (isMine): Standing => (isMine ? 'kept' : 'lost'),
      (error: unknown): Standing => {
        this.parts.log.error({ err: error, ...one.owner }, 'what a service did could not be written down');
        return 'unknown';
      },
    );
    if (news.kind === 'started' && standing === 'kept') one.hasStarted = true;
    this.parts.changed(one.owner, news.kind === 'gave_up' ? 'failed' : 'status');
    if (standing === 'lost' || news.kind === 'gave_up') void this.look();
    return standing;
  }

  private async written({ owner }: Running, news: ServiceNews): Promise<boolean> {
    const { rows, store } = this.parts;
    const note = (change: Partial<ServiceRow>, ticks?: 1) => rows.note(owner, this.server, change, ticks);
    const now_ms = Date.now();
    switch (news.kind) {
      case 'started':
        return note({ started_ms: now_ms, restart_ms: null });
      case 'ticking':
        return note({ last_tick_ms: now_ms, begun_tick_ms: now_ms, next_tick_ms: news.next_tick_ms }, 1);
      case 'ticked':
        return note({ last_took_ms: news.took_ms, begun_tick_ms: null, failures: 0, ...news.usage });
      case 'failed': {
        const { error, traceback, failures, restart_ms } = news;
        const message = [error.message, traceback].filter(Boolean).join('\n');
        await store.write(owner, [
          { level: 'error', message: message.slice(-LIMITS.service_log_message_chars_max).toWellFormed() },
        ]);
        return note({ ...errorOf(error), begun_tick_ms: null, failures, restart_ms });
      }
      default:
        return note({ state: 'failed', restart_ms: null, next_tick_ms: null });
    }
  }

  /** It is not tried again. */
  private async fail(owner: ServiceOwner, error: HanabiError): Promise<void> {
    const ended = { state: 'failed' as const, restart_ms: null, next_tick_ms: null };
    await this.parts.rows.note(owner, this.server, { ...ended, ...errorOf(error) });
    this.parts.changed(owner, 'failed');
  }

  private async end(one: Running, patience_ms: number): Promise<void> {
    // A tick that has time to end may still ask for something; one that has none may not.
    if (patience_ms === 0) one.ending.abort();
    const outOfTime = setTimeout(() => one.ending.abort(), patience_ms);
    await one.runner.leave(patience_ms);
    clearTimeout(outOfTime);
    one.ending.abort();
    this.running.delete(keyOf(one.owner));
    await this.parts.rows.release(one.owner, this.server);
    this.parts.released();
  }
}

function errorOf({ code, message }: HanabiError): Pick<ServiceRow, 'error_code' | 'error_message' | 'error_at_ms'> {
  return { error_code: code, error_message: message, error_at_ms: Date.now() };
}

function keyOf({ user_id, module_id }: ServiceOwner): string {
  return `${user_id} ${module_id}`;
}

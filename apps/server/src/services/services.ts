/**
 * Programs that users keep running. What is wanted and what became of it stands in the database; each is in the care
 * of one server at a time, by a lease. A server that starts goes on with all that nobody cares for.
 */
import {
  HanabiError,
  LIMITS,
  requirePermission,
  type ServiceLog,
  type ServiceMonitor,
  type ServiceStatus,
  WORKER_TIERS,
} from '@hanabi/protocol';
import { type NetworkRules, type Sandbox, type ServiceNews, ServiceRunner } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { Users } from '../accounts/users.ts';
import type { Audit } from '../audit.ts';
import { newId } from '../ids.ts';
import type { Live } from '../live/live.ts';
import type { ModuleLibraries } from '../modules/libraries.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import type { Blobs } from '../storage/blobs.ts';
import { isSqlite } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';
import type { FileTree } from '../storage/file-tree.ts';
import { Gateway } from './gateway.ts';
import { ServiceFiles } from './service-files.ts';
import { type ServiceOwner, type ServiceRow, ServiceStore } from './service-store.ts';
import { intervalOf, statusOf } from './service-status.ts';

export interface ServicesParts {
  db: Db;
  blobs: Blobs;
  tree: FileTree;
  users: Users;
  registry: ModuleRegistry;
  libraries: ModuleLibraries;
  sandbox: Sandbox;
  audit: Audit;
  live: Live;
  log: Logger;
  network: NetworkRules;
  /** Whether this server has a sandbox to run them in. */
  works_off: boolean;
}

interface Running {
  owner: ServiceOwner;
  runner: ServiceRunner;
  package_dir: string;
  ending: AbortController;
}

/** Their processor time does not run out; a tick’s time does, and the cgroup lets none of them have more than one core. */
const LIMITS_OF_SERVICE = { ...WORKER_TIERS.small, cpu_ms_max: 10 * 365 * 24 * 3600 * 1000, processes_max: 8 };

export class Services {
  private readonly parts: ServicesParts;
  private readonly store: ServiceStore;
  private readonly server = newId();
  private readonly running = new Map<string, Running>();
  private timer: NodeJS.Timeout | undefined;
  /** One change after the other: starting and stopping take a while, and must not cross. */
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(parts: ServicesParts) {
    this.parts = parts;
    this.store = new ServiceStore(parts.db);
  }

  async start(): Promise<void> {
    if (!this.parts.works_off) return;
    this.parts.registry.onRightsChanged(() => void this.inTurn(() => this.lookAtRights()));
    // The only server of this database: whoever had a lease is gone.
    await this.inTurn(() => this.claim(isSqlite(this.parts.db)));
    this.timer = setInterval(() => void this.inTurn(() => this.round()), LIMITS.job_lease_ms / 3).unref();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.turn;
    await Promise.all([...this.running.values()].map((one) => this.end(one)));
  }

  async status(owner: ServiceOwner): Promise<ServiceStatus> {
    return statusOf(this.moduleOf(owner), await this.store.row(owner));
  }

  /** Of all modules that have one; those that are not installed any more with what they left. */
  async list(userId: string): Promise<{ module: InstalledModule; status: ServiceStatus }[]> {
    const rows = new Map((await this.store.rowsOf(userId)).map((row) => [row.module_id, row]));
    return this.parts.registry
      .all(userId)
      .filter(({ manifest }) => manifest.entrypoints.service !== undefined)
      .map((module) => ({ module, status: statusOf(module, rows.get(module.id)) }));
  }

  /** HANABI-W024 where the module has none; P001 or P002 where it may not. */
  async switchOn(owner: ServiceOwner, anew = false): Promise<ServiceStatus> {
    const module = this.moduleOf(owner);
    requirePermission('worker.service', await this.parts.registry.rights(module, owner.user_id));
    await this.inTurn(async () => {
      const rows = await this.store.rowsOf(owner.user_id);
      const isOn = rows.some((row) => row.module_id === owner.module_id && row.state === 'running');
      if (isOn && !anew) return;
      const most = LIMITS.services_per_user_max;
      if (!isOn && rows.filter(({ state }) => state === 'running').length >= most) {
        throw new HanabiError('HANABI-Q014', `at most ${most}`);
      }
      await this.endOf(owner);
      await this.store.setState(owner, 'running');
      await this.claim(false);
    });
    this.told(owner);
    return this.status(owner);
  }

  async switchOff(owner: ServiceOwner): Promise<ServiceStatus> {
    this.moduleOf(owner);
    await this.inTurn(async () => {
      // First the wish: what is told of it afterwards finds no lease.
      if (await this.store.row(owner)) await this.store.setState(owner, 'stopped');
      await this.endOf(owner);
    });
    this.told(owner);
    return this.status(owner);
  }

  /** HANABI-W025 unless it runs on this server. */
  async tick(owner: ServiceOwner): Promise<ServiceStatus> {
    const running = this.running.get(keyOf(owner));
    if (!running) {
      this.moduleOf(owner);
      throw new HanabiError('HANABI-W025');
    }
    running.runner.tickNow();
    return this.status(owner);
  }

  log(owner: ServiceOwner, after = 0, limit = 200): Promise<ServiceLog> {
    this.moduleOf(owner);
    return this.store.log(owner, after, limit);
  }

  state(owner: ServiceOwner): Promise<Record<string, string>> {
    this.moduleOf(owner);
    return this.store.all(owner);
  }

  async setState(owner: ServiceOwner, key: string, value: unknown): Promise<void> {
    this.moduleOf(owner);
    if (value === null) await this.store.delete(owner, key);
    else await this.store.set(owner, key, JSON.stringify(value));
    this.told(owner, 'state');
  }

  async monitor(owner: ServiceOwner): Promise<ServiceMonitor> {
    this.moduleOf(owner);
    return { widgets: await this.store.widgets(owner) };
  }

  private moduleOf({ user_id, module_id }: ServiceOwner): InstalledModule {
    const module = this.parts.registry.get(module_id, user_id);
    if (!module.manifest.entrypoints.service) throw new HanabiError('HANABI-W024', module.manifest.name);
    return module;
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.turn.then(work);
    this.turn = done.catch((error: unknown) => {
      if (!(error instanceof HanabiError)) this.parts.log.error({ err: error }, 'services could not be looked after');
    });
    return done;
  }

  private async claim(anyway: boolean): Promise<void> {
    if (!this.parts.works_off || this.closed) return;
    for (const row of await this.store.claim(this.server, anyway)) await this.launch(row);
  }

  private async round(): Promise<void> {
    const mine = new Set((await this.store.renew(this.server)).map(keyOf));
    for (const one of this.running.values()) if (!mine.has(keyOf(one.owner))) await this.end(one);
    await this.claim(false);
  }

  /** What may no longer run ends at once; what has another version is loaded anew, and finds what it kept. */
  private async lookAtRights(): Promise<void> {
    for (const one of this.running.values()) {
      const problem = await this.problemOf(one);
      if (!problem) continue;
      await this.end(one);
      if (problem === 'changed') {
        await this.store.note(one.owner, this.server, { lease_owner: null });
      } else {
        await this.fail(one.owner, problem);
      }
    }
    await this.claim(false);
  }

  private async problemOf({ owner, package_dir }: Running): Promise<HanabiError | 'changed' | undefined> {
    try {
      const module = this.parts.registry.getInUse(owner.module_id, owner.user_id);
      requirePermission('worker.service', await this.parts.registry.rights(module, owner.user_id));
      return module.package_dir === package_dir ? undefined : 'changed';
    } catch (error) {
      return error as HanabiError;
    }
  }

  private async launch(row: ServiceRow): Promise<void> {
    const owner = { user_id: row.user_id, module_id: row.module_id };
    if (this.running.has(keyOf(owner))) return;
    try {
      const running = await this.runnerOf(owner, row);
      this.running.set(keyOf(owner), running);
      running.runner.start();
    } catch (error) {
      await this.fail(
        owner,
        error instanceof HanabiError ? error : new HanabiError('HANABI-V009', undefined, { cause: error }),
      );
    }
  }

  private async runnerOf(owner: ServiceOwner, row: ServiceRow): Promise<Running> {
    const { registry, users, sandbox, libraries, log } = this.parts;
    const module = registry.getInUse(owner.module_id, owner.user_id);
    const entry = module.manifest.entrypoints.service;
    const user = await users.byId(owner.user_id);
    if (!entry || !user) throw new HanabiError('HANABI-W024', module.manifest.name);
    requirePermission('worker.service', await registry.rights(module, user.id));
    const ending = new AbortController();
    const gateway = new Gateway({
      ...this.parts,
      owner,
      module,
      store: this.store,
      files: new ServiceFiles(this.parts, user, module.manifest),
      rights: () => registry.rights(module, user.id),
      changed: (what) => this.told(owner, what),
      log,
      signal: ending.signal,
    });
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
            limits: LIMITS_OF_SERVICE,
            layer_dir: await libraries.layerOf(module.manifest, signal),
          },
          signal,
        ),
      answer: (method, params) => gateway.answer(method, params),
      tell: (news) => this.note(owner, news),
    });
    return { owner, runner, package_dir: module.package_dir, ending };
  }

  private async note(owner: ServiceOwner, news: ServiceNews): Promise<void> {
    const isMine = await this.written(owner, news);
    this.told(owner, news.kind === 'gave_up' ? 'failed' : 'status');
    if (!isMine) void this.inTurn(() => this.endOf(owner));
  }

  private async written(owner: ServiceOwner, news: ServiceNews): Promise<boolean> {
    const { store, server } = this;
    switch (news.kind) {
      case 'started':
        return store.note(owner, server, { started_ms: Date.now(), restart_ms: null });
      case 'ticking':
        return store.ticked(owner, server, { last_tick_ms: Date.now(), next_tick_ms: Math.round(news.next_tick_ms) });
      case 'ticked':
        return store.note(owner, server, { last_took_ms: news.took_ms, failures: 0, ...usageOf(news.usage) });
      case 'failed': {
        const { error, traceback, failures, restart_ms } = news;
        const message = [error.message, traceback].filter(Boolean).join('\n');
        await store.write(owner, [
          { level: 'error', message: message.slice(-LIMITS.service_log_message_chars_max).toWellFormed() },
        ]);
        return store.note(owner, server, { ...errorOf(error), failures, restart_ms });
      }
      default: {
        const isMine = await store.note(owner, server, { state: 'failed', restart_ms: null, next_tick_ms: null });
        this.running.delete(keyOf(owner));
        return isMine;
      }
    }
  }

  /** It is not tried again. */
  private async fail(owner: ServiceOwner, error: HanabiError): Promise<void> {
    await this.store.note(owner, this.server, {
      state: 'failed',
      restart_ms: null,
      next_tick_ms: null,
      ...errorOf(error),
    });
    this.told(owner, 'failed');
  }

  private async endOf(owner: ServiceOwner): Promise<void> {
    const one = this.running.get(keyOf(owner));
    if (one) await this.end(one);
  }

  private async end(one: Running): Promise<void> {
    this.running.delete(keyOf(one.owner));
    one.ending.abort();
    await one.runner.stop();
  }

  private told(
    { user_id, module_id }: ServiceOwner,
    what: 'status' | 'log' | 'state' | 'monitor' | 'failed' = 'status',
  ) {
    this.parts.live.serviceChanged(user_id, { module_id, what });
  }
}

function errorOf({ code, message }: HanabiError): Pick<ServiceRow, 'error_code' | 'error_message' | 'error_at_ms'> {
  return { error_code: code, error_message: message, error_at_ms: Date.now() };
}

function usageOf(usage: { cpu_ms: number | null; memory_bytes_peak: number | null }) {
  return { cpu_ms: usage.cpu_ms, memory_bytes_peak: usage.memory_bytes_peak };
}

function keyOf({ user_id, module_id }: ServiceOwner): string {
  return `${user_id} ${module_id}`;
}

/** Programs that users keep running: what a user, or a page of the module, does with one. Another part runs them. */
import {
  HanabiError,
  LIMITS,
  requirePermission,
  type ServiceLog,
  type ServiceMonitor,
  type ServiceStatus,
} from '@hanabi/protocol';
import type { Live } from '../live/live.ts';
import type { InstalledModule } from '../modules/registry.ts';
import type { Db } from '../storage/db.ts';
import type { Signals } from '../storage/signals.ts';
import { type CareParts, type Changed, ServiceCare } from './service-care.ts';
import { type ServiceOwner, ServiceRows } from './service-rows.ts';
import { statusOf } from './service-status.ts';
import { ServiceStore } from './service-store.ts';

export interface ServicesParts extends Omit<CareParts, 'rows' | 'store' | 'changed' | 'released'> {
  db: Db;
  live: Live;
  signals: Signals;
}

/** What a server says to the one that cares for a service, before its key. */
const TICK = 'tick ';

export class Services {
  private readonly parts: ServicesParts;
  private readonly rows: ServiceRows;
  private readonly store: ServiceStore;
  private readonly care: ServiceCare;

  constructor(parts: ServicesParts) {
    this.parts = parts;
    this.rows = new ServiceRows(parts.db);
    this.store = new ServiceStore(parts.db);
    this.care = new ServiceCare({
      ...parts,
      rows: this.rows,
      store: this.store,
      changed: (owner, what) => this.told(owner, what),
      released: () => parts.signals.tell('services'),
    });
  }

  async start(): Promise<void> {
    this.parts.signals.on('services', (about) => {
      if (about?.startsWith(TICK)) this.care.tick(JSON.parse(about.slice(TICK.length)) as ServiceOwner);
      else void this.care.look();
    });
    await this.care.start();
  }

  close(): Promise<void> {
    return this.care.close();
  }

  async status(owner: ServiceOwner): Promise<ServiceStatus> {
    return statusOf(this.moduleOf(owner), await this.rows.of(owner));
  }

  /** Of all modules that have one. */
  async list(userId: string): Promise<{ module: InstalledModule; status: ServiceStatus }[]> {
    const rows = new Map((await this.rows.ofUser(userId)).map((row) => [row.module_id, row]));
    return this.parts.registry
      .all(userId)
      .filter(({ manifest }) => manifest.entrypoints.service !== undefined)
      .map((module) => ({ module, status: statusOf(module, rows.get(module.id)) }));
  }

  /** HANABI-W024 where the module has none; P001 or P002 where it may not; Q014 where there are too many. */
  async switchOn(owner: ServiceOwner, anew = false): Promise<ServiceStatus> {
    const module = this.moduleOf(owner);
    requirePermission('worker.service', await this.parts.registry.rights(module, owner.user_id));
    const changes = await this.rows.alone(async (rows) => {
      const isOn = (await rows.of(owner))?.state === 'running';
      if (!isOn) await requireRoom(rows, owner, module);
      if (!isOn || anew) await rows.want(owner, 'running');
      return !isOn || anew;
    });
    return changes ? this.wanted(owner) : this.status(owner);
  }

  async switchOff(owner: ServiceOwner): Promise<ServiceStatus> {
    this.moduleOf(owner);
    if (!(await this.rows.of(owner))) return this.status(owner);
    await this.rows.want(owner, 'stopped');
    return this.wanted(owner);
  }

  /** HANABI-W025 unless it runs. */
  async tick(owner: ServiceOwner): Promise<ServiceStatus> {
    const status = await this.status(owner);
    if (status.state !== 'running') throw new HanabiError('HANABI-W025');
    if (!this.care.tick(owner)) this.parts.signals.tell('services', TICK + JSON.stringify(owner));
    return status;
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

  /** Where it is in the care of this server it is so when this settles; another one hears of it. */
  private async wanted(owner: ServiceOwner): Promise<ServiceStatus> {
    await this.care.look();
    this.parts.signals.tell('services');
    this.told(owner, 'status');
    return this.status(owner);
  }

  private told({ user_id, module_id }: ServiceOwner, what: Changed): void {
    this.parts.live.serviceChanged(user_id, { module_id, what });
  }
}

async function requireRoom(rows: ServiceRows, { user_id }: ServiceOwner, module: InstalledModule): Promise<void> {
  const ofUser = LIMITS.services_per_user_max;
  if ((await rows.countRunning({ user_id })) >= ofUser) {
    throw new HanabiError('HANABI-Q014', `at most ${ofUser} of one user`);
  }
  const { manifest, quota } = module;
  const ofModule = Math.min(
    manifest.worker.service?.max_instances ?? Infinity,
    quota.service_instances_max ?? Infinity,
  );
  if ((await rows.countRunning({ module_id: module.id })) >= ofModule) {
    throw new HanabiError('HANABI-Q014', `at most ${ofModule} of ${module.manifest.name}, of all users`);
  }
}

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HanabiError, type Manifest, type Permission, PERMISSIONS, Quota, type Rights } from '@hanabi/protocol';
import { onChanged } from '../changes-signal.ts';
import { type Db, now } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import type { Signals } from '../storage/signals.ts';
import { installPackage } from './packages.ts';
import { Publications } from './publications.ts';

/** Where it comes from: with the server, or from a developer who has published it; a draft is its developer’s alone. */
type ModuleOrigin = HouseOrigin | 'store' | 'draft';
export type HouseOrigin = Tables['modules']['origin'];

export interface InstalledModule {
  id: string;
  version: string;
  origin: ModuleOrigin;
  /** Absolute folder of the immutable copy. */
  package_dir: string;
  manifest: Manifest;
  /** What an administrator has bounded. */
  quota: Quota;
}

/** The modules of this server, and what each of them may do for whom. */
export class ModuleRegistry {
  private readonly db: Db;
  private readonly dataDir: string;
  /** Where the packages are. */
  private readonly sharedDir: string;
  private readonly tiers: readonly string[];
  /** Those that come with the server, which everybody has. */
  private readonly modules = new Map<string, InstalledModule>();
  private readonly publications: Publications;
  /** Rights are asked for at each request and change rarely. */
  private readonly listeners = new Set<() => void>();
  private readonly rightsCache = new Map<string, Rights>();
  /** What was read before the last of them is not kept. */
  private changes = 0;
  private stopFollowing: () => void = () => {};

  /** `tiers`: the names that a manifest may use on this server. */
  constructor(db: Db, folders: { data_dir: string; shared_dir: string }, tiers: readonly string[]) {
    this.db = db;
    this.dataDir = folders.data_dir;
    this.sharedDir = folders.shared_dir;
    this.tiers = tiers;
    this.publications = new Publications(db, folders.shared_dir);
  }

  async load(): Promise<void> {
    await this.publications.load();
    const rows = await this.db.selectFrom('modules').selectAll().execute();
    this.modules.clear();
    for (const row of rows) {
      const { id, version, origin } = row;
      const manifest = JSON.parse(row.manifest) as Manifest;
      const quota = Quota.parse(JSON.parse(row.quota));
      this.modules.set(id, {
        id,
        version,
        origin,
        manifest,
        quota,
        package_dir: join(this.sharedDir, row.package_dir),
      });
    }
  }

  /** Installs a module folder, or brings the installed one to its content. */
  async install(sourceDir: string, origin: HouseOrigin): Promise<InstalledModule> {
    const { manifest, dir } = await installPackage(sourceDir, join(this.sharedDir, 'modules'), this.tiers);
    const current = this.modules.get(manifest.id);
    if (current?.package_dir === dir && current.origin === origin) return current;
    const row = {
      version: manifest.version,
      origin,
      package_dir: relative(this.sharedDir, dir),
      manifest: JSON.stringify(manifest),
      installed_at: now(),
    };
    await this.db
      .insertInto('modules')
      .values({ id: manifest.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    const quota = current?.quota ?? Quota.parse({});
    const installed = { id: manifest.id, version: manifest.version, origin, package_dir: dir, manifest, quota };
    this.modules.set(manifest.id, installed);
    this.forgetRights();
    return installed;
  }

  /** Hears of grants that another process changes. Ends with `close`. */
  async followGrants(): Promise<void> {
    this.stopFollowing = await onChanged(this.dataDir, 'grants', () => this.forgetRights());
  }

  close(): void {
    this.stopFollowing();
  }

  /** Hears of what another server of the same database has changed, and tells it of what changes here. */
  followServers(signals: Signals): void {
    let heard = false;
    this.onRightsChanged(() => {
      if (!heard) signals.tell('modules');
    });
    const reload = async () => {
      await this.load();
      heard = true;
      this.forgetRights();
      heard = false;
    };
    signals.on('modules', () => {
      reload().catch(() => this.forgetRights());
    });
  }

  /** Calls the listener after every change that may have taken a right away. */
  onRightsChanged(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** What somebody decided stands in the database. */
  rightsChanged(): void {
    this.forgetRights();
  }

  private forgetRights(): void {
    this.changes += 1;
    this.rightsCache.clear();
    for (const listener of this.listeners) listener();
  }

  /** After a change of what is installed or bounded. */
  async reload(): Promise<void> {
    await this.load();
    this.forgetRights();
  }

  /** After a change of what is published, or of who has installed it; open windows and running jobs hear of it. */
  async publicationsChanged(): Promise<void> {
    await this.publications.load();
    this.forgetRights();
  }

  /** What the user can open. */
  all(userId: string): InstalledModule[] {
    return [...this.modules.values(), ...this.publications.all(userId)].sort((a, b) =>
      a.manifest.name.localeCompare(b.manifest.name),
    );
  }

  /** Everything that anybody can run. */
  manifests(): Manifest[] {
    return [...[...this.modules.values()].map(({ manifest }) => manifest), ...this.publications.manifests()];
  }

  /** Modules that come with the server, by the names that others may not look like. */
  ofHouse(): { id: string; name: string }[] {
    return [...this.modules.values()].map(({ id, manifest }) => ({ id, name: manifest.name }));
  }

  isOfHouse(id: string): boolean {
    return this.modules.has(id);
  }

  /** The version that this user has. */
  find(id: string, userId: string): InstalledModule | undefined {
    return this.modules.get(id) ?? this.publications.find(id, userId);
  }

  /** As `get`, for what was begun with the module: HANABI-M008 when the user has uninstalled it since. */
  getInUse(id: string, userId: string): InstalledModule {
    if (!this.find(id, userId) && this.publications.isPublished(id)) throw new HanabiError('HANABI-M008', id);
    return this.get(id, userId);
  }

  /** The version that this user has, or HANABI-M001; M009 while it is suspended. */
  get(id: string, userId: string): InstalledModule {
    const module = this.find(id, userId);
    if (!module) throw new HanabiError('HANABI-M001', id);
    if (module.origin === 'store' && this.publications.isSuspended(id)) throw new HanabiError('HANABI-M009', id);
    return module;
  }

  /** The version that everybody has who has the newest, or HANABI-M001. */
  current(id: string): InstalledModule {
    const module = this.modules.get(id) ?? this.publications.live(id);
    if (!module) throw new HanabiError('HANABI-M001', id.slice(0, 64));
    return module;
  }

  /** All of them, those of the house and the published ones. */
  allCurrent(): InstalledModule[] {
    return [...this.modules.values(), ...this.publications.allLive()];
  }

  /**
   * What a module declares and what of it is granted for a user, now; with an empty user id what is granted to everybody.
   * HANABI-M008 and M009 when it may no longer run.
   */
  async rights(module: InstalledModule, userId: string): Promise<Rights> {
    if (userId !== '' && (module.origin === 'store' || module.origin === 'draft')) this.getInUse(module.id, userId);
    const key = `${userId} ${module.id} ${module.version}`;
    const cached = this.rightsCache.get(key);
    if (cached) return cached;
    const { changes } = this;
    const rows = await this.db
      .selectFrom('grants')
      .selectAll()
      .where('module_id', '=', module.id)
      .where('user_id', 'in', [userId, ''])
      .execute();
    const decisions = await this.db
      .selectFrom('decisions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('module_id', '=', module.id)
      .execute();
    const declared = new Set<Permission>(module.manifest.permissions);
    const denied = new Set(rows.filter((row) => row.state === 'denied').map((row) => row.permission));
    const allowed = new Set(rows.filter((row) => row.state === 'granted').map((row) => row.permission));
    for (const { permission, decision } of decisions) {
      // Whatever a user takes away is gone for them; what they may give is only what is asked of them.
      if (decision === 'refuse') denied.add(permission);
      else if (PERMISSIONS[permission as Permission].tier === 'consent') allowed.add(permission);
    }
    const granted = new Set<Permission>();
    for (const permission of declared) {
      if (!denied.has(permission) && (allowed.has(permission) || byDefault(module.origin, permission))) {
        granted.add(permission);
      }
    }
    const rights = { declared, granted };
    if (changes === this.changes) this.rightsCache.set(key, rights);
    return rights;
  }

  /** Grants or denies a permission to a module, for one user, or for everybody with an empty user id. */
  async setGrant(
    module: InstalledModule,
    userId: string,
    permission: Permission,
    state: 'granted' | 'denied',
  ): Promise<void> {
    const change = { state, updated_at: now() };
    await this.db
      .insertInto('grants')
      .values({ module_id: module.id, user_id: userId, permission, ...change })
      .onConflict((conflict) => conflict.columns(['module_id', 'user_id', 'permission']).doUpdateSet(change))
      .execute();
    this.forgetRights();
  }
}

/**
 * What nobody had to be asked for: everything for first-party modules; the baseline for all; and the admin tier for
 * the modules that the operator installed by hand, because that is the operator's decision. What a review has allowed a
 * published module stands in the grants.
 */
function byDefault(origin: ModuleOrigin, permission: Permission): boolean {
  if (origin === 'first-party') return true;
  const { tier } = PERMISSIONS[permission];
  const byOperator = origin === 'operator' || origin === 'example';
  return tier === 'baseline' || (byOperator && tier === 'admin');
}

/** Folders directly below `dir` that hold a module. */
export async function moduleFolders(dir: string): Promise<string[]> {
  if (!existsSync(dir)) return [];
  const entries = await readdir(dir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(dir, entry.name))
    .sort();
}

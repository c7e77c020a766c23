import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HanabiError, type Manifest, type Permission, PERMISSIONS, type Rights } from '@hanabi/protocol';
import { type Db, now } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import { onGrantsChanged } from './grants-signal.ts';
import { installPackage } from './packages.ts';

export type ModuleOrigin = Tables['modules']['origin'];

export interface InstalledModule {
  id: string;
  version: string;
  origin: ModuleOrigin;
  /** Absolute folder of the immutable copy. */
  package_dir: string;
  manifest: Manifest;
}

/** The modules of this server, and what each of them may do for whom. */
export class ModuleRegistry {
  private readonly db: Db;
  private readonly dataDir: string;
  private readonly tiers: readonly string[];
  private readonly modules = new Map<string, InstalledModule>();
  /** Rights are asked for at each request and change rarely. */
  private readonly listeners = new Set<() => void>();
  private readonly rightsCache = new Map<string, Rights>();
  /** What was read before the last of them is not kept. */
  private changes = 0;
  private stopFollowing: () => void = () => {};

  /** `tiers`: the names that a manifest may use on this server. */
  constructor(db: Db, dataDir: string, tiers: readonly string[]) {
    this.db = db;
    this.dataDir = dataDir;
    this.tiers = tiers;
  }

  async load(): Promise<void> {
    for (const row of await this.db.selectFrom('modules').selectAll().execute()) {
      const { id, version, origin } = row;
      const manifest = JSON.parse(row.manifest) as Manifest;
      this.modules.set(id, { id, version, origin, manifest, package_dir: join(this.dataDir, row.package_dir) });
    }
  }

  /** Installs a module folder, or brings the installed one to its content. */
  async install(sourceDir: string, origin: ModuleOrigin): Promise<InstalledModule> {
    const { manifest, dir } = await installPackage(sourceDir, join(this.dataDir, 'modules'), this.tiers);
    const current = this.modules.get(manifest.id);
    if (current?.package_dir === dir && current.origin === origin) return current;
    const row = {
      version: manifest.version,
      origin,
      package_dir: relative(this.dataDir, dir),
      manifest: JSON.stringify(manifest),
      installed_at: now(),
    };
    await this.db
      .insertInto('modules')
      .values({ id: manifest.id, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
    const installed = { id: manifest.id, version: manifest.version, origin, package_dir: dir, manifest };
    this.modules.set(manifest.id, installed);
    this.forgetRights();
    return installed;
  }

  /** Hears of grants that another process changes. Ends with `close`. */
  async followGrants(): Promise<void> {
    this.stopFollowing = await onGrantsChanged(this.dataDir, () => this.forgetRights());
  }

  close(): void {
    this.stopFollowing();
  }

  /** Calls the listener after every change that may have taken a right away. */
  onRightsChanged(listener: () => void): void {
    this.listeners.add(listener);
  }

  private forgetRights(): void {
    this.changes += 1;
    this.rightsCache.clear();
    for (const listener of this.listeners) listener();
  }

  all(): InstalledModule[] {
    return [...this.modules.values()].sort((a, b) => a.manifest.name.localeCompare(b.manifest.name));
  }

  find(id: string): InstalledModule | undefined {
    return this.modules.get(id);
  }

  /** The module of that id, or HANABI-M001. */
  get(id: string): InstalledModule {
    const module = this.modules.get(id);
    if (!module) throw new HanabiError('HANABI-M001', id);
    return module;
  }

  /** What a module declares and what of it is granted for a user, now. */
  async rights(module: InstalledModule, userId: string): Promise<Rights> {
    const key = `${userId} ${module.id}`;
    const cached = this.rightsCache.get(key);
    if (cached) return cached;
    const { changes } = this;
    const rows = await this.db
      .selectFrom('grants')
      .selectAll()
      .where('module_id', '=', module.id)
      .where('user_id', 'in', [userId, ''])
      .execute();
    const declared = new Set<Permission>(module.manifest.permissions);
    const denied = new Set(rows.filter((row) => row.state === 'denied').map((row) => row.permission));
    const allowed = new Set(rows.filter((row) => row.state === 'granted').map((row) => row.permission));
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
 * the modules that the operator installed by hand, because that is the operator's decision.
 */
function byDefault(origin: ModuleOrigin, permission: Permission): boolean {
  if (origin === 'first-party') return true;
  const { tier } = PERMISSIONS[permission];
  return tier === 'baseline' || tier === 'admin';
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

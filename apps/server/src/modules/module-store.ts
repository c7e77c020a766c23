/** What users do: look for modules, install them, take their updates, and remove them. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { DESKTOP_PATHS, HanabiError, LIMITS, type StoreModule } from '@hanabi/protocol';
import type { FileDigest } from '@hanabi/module-package';
import type { UserRow, Users } from '../accounts/users.ts';
import { connectorsOf } from '../connections/connectors-of.ts';
import type { Schedules } from '../schedules/schedules.ts';
import { deleteService } from '../services/service-store.ts';
import type { DataStore } from '../storage/data/data-store.ts';
import { type Db, now } from '../storage/db.ts';
import type { FileTree } from '../storage/file-tree.ts';
import type { Settings } from '../storage/settings.ts';
import type { WorkflowKeeper } from '../workflows/workflow-keeper.ts';
import { rate } from './module-rating.ts';
import type { ModuleRegistry } from './registry.ts';
import { addedConnectors, addedPermissions } from './review-reasons.ts';
import { addStep, findingsOf, manifestOf, publishedRow, type VersionRow, versionRow } from './version-rows.ts';

interface Parts {
  db: Db;
  shared_dir: string;
  registry: ModuleRegistry;
  users: Users;
  tree: FileTree;
  dataStore: DataStore;
  settings: Settings;
  schedules: Schedules;
  workflows: WorkflowKeeper;
  /** Lets go of libraries that nobody needs any more. */
  collectLibraries: () => Promise<void>;
}

const README_CHARS_MAX = 20_000;
const PICTURES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

export class ModuleStore {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async list(userId: string): Promise<StoreModule[]> {
    const { db } = this.parts;
    const rows = await db.selectFrom('module_versions').selectAll().where('state', '=', 'live').execute();
    const mine = await db.selectFrom('module_installs').selectAll().where('user_id', '=', userId).execute();
    const counts = await db
      .selectFrom('module_installs')
      .select(['module_id', (eb) => eb.fn.countAll<number>().as('count')])
      .groupBy('module_id')
      .execute();
    const modules = await Promise.all(
      rows.map((row) =>
        this.describe(
          row,
          mine.find(({ module_id }) => module_id === row.module_id)?.version ?? null,
          counts.find(({ module_id }) => module_id === row.module_id)?.count ?? 0,
        ),
      ),
    );
    return modules.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The live version, for this user; an older one that the user has makes place for it. */
  async install(user: UserRow, moduleId: string): Promise<void> {
    const { db, registry } = this.parts;
    const published = await publishedRow(db, moduleId);
    if (!published?.live_version) throw new HanabiError('HANABI-M001', moduleId.slice(0, 64));
    if (published.suspended_at !== null) throw new HanabiError('HANABI-M009', moduleId);
    const change = { version: published.live_version, installed_at: now() };
    await db
      .insertInto('module_installs')
      .values({ user_id: user.id, module_id: moduleId, ...change })
      .onConflict((conflict) => conflict.columns(['user_id', 'module_id']).doUpdateSet(change))
      .execute();
    await addStep(db, { module_id: moduleId, version: change.version }, 'installed', user.name);
    await registry.publicationsChanged();
  }

  /** What is under way ends with HANABI-M008. Without `keepData` its files go into the Trash, and the rest is deleted. */
  async uninstall(user: UserRow, moduleId: string, keepData: boolean): Promise<void> {
    const { db, registry } = this.parts;
    const gone = await db
      .deleteFrom('module_installs')
      .where('user_id', '=', user.id)
      .where('module_id', '=', moduleId)
      .returning('version')
      .executeTakeFirst();
    if (!gone) throw new HanabiError('HANABI-M001', moduleId.slice(0, 64));
    // Who installs it again is asked again.
    for (const table of ['grants', 'decisions', 'connection_links', 'desktop_shortcuts', 'notices'] as const) {
      await db.deleteFrom(table).where('user_id', '=', user.id).where('module_id', '=', moduleId).execute();
    }
    await addStep(db, { module_id: moduleId, version: gone.version }, 'uninstalled', user.name);
    await registry.publicationsChanged();
    await this.parts.schedules.endOfModule(user.id, moduleId);
    if (!keepData) await this.deleteData(user.id, moduleId);
    await this.parts.collectLibraries();
  }

  private async deleteData(user_id: string, module_id: string): Promise<void> {
    const { db, tree, dataStore, settings, workflows } = this.parts;
    await db.deleteFrom('schedules').where('user_id', '=', user_id).where('module_id', '=', module_id).execute();
    const owner = { user_id, module_id };
    await deleteService(db, owner);
    const { collections } = await dataStore.collections(owner);
    for (const { name } of collections) await dataStore.deleteCollection(owner, name);
    await settings.deleteAll(user_id, module_id);
    const folders = await db
      .selectFrom('folders')
      .select('id')
      .where('user_id', '=', user_id)
      .where('module_id', '=', module_id)
      .execute();
    for (const { id } of folders) {
      const folder = await tree.folder(user_id, id);
      if (folder) await tree.trash([{ kind: 'folder', folder }]);
    }
    // Last, for they may be kept elsewhere: what fails there leaves nothing here.
    await workflows.forget(owner);
  }

  /** One of the pictures that the live version shows of itself. */
  async picture(moduleId: string, index: number): Promise<{ type: string; bytes: Buffer }> {
    const published = await publishedRow(this.parts.db, moduleId);
    const row = await versionRow(this.parts.db, moduleId, published?.live_version ?? '');
    const path = picturesOf(row)[index];
    if (path === undefined) throw new HanabiError('HANABI-M004');
    const source = join(this.parts.shared_dir, row.package_dir, path);
    if ((await stat(source)).size > LIMITS.package_picture_bytes_max) throw new HanabiError('HANABI-F004', path);
    return { type: PICTURES[extname(path).toLowerCase()]!, bytes: await readFile(source) };
  }

  private async describe(row: VersionRow, installed: string | null, installs: number): Promise<StoreModule> {
    const { db, shared_dir, users } = this.parts;
    const manifest = manifestOf(row);
    const published = await publishedRow(db, row.module_id);
    const developer = published && (await users.byId(published.developer_id));
    const readme = await readFile(join(shared_dir, row.package_dir, 'README.md'), 'utf8').catch(() => '');
    const before =
      installed !== null && installed !== row.version ? await versionRow(db, row.module_id, installed) : undefined;
    return {
      module_id: row.module_id,
      name: manifest.name,
      version: row.version,
      summary: manifest.summary,
      developer: developer?.name ?? '',
      tags: manifest.portal.tags,
      icon_data_url: manifest.portal.icon_data_url ?? null,
      screenshots: picturesOf(row).map(
        (_, index) => `${DESKTOP_PATHS.store}/${row.module_id}/pictures/${index}?v=${row.version}`,
      ),
      readme: readme.slice(0, README_CHARS_MAX),
      permissions: manifest.permissions,
      connectors: connectorsOf(manifest),
      signed: row.public_key !== null,
      size_bytes: row.size_bytes,
      installs,
      rating: rate({ manifest, findings: findingsOf(row), public_key: row.public_key }),
      updated_at: row.decided_at ?? row.created_at,
      installed,
      added_permissions: before ? addedPermissions(manifestOf(before), manifest) : [],
      added_connectors: before ? addedConnectors(manifestOf(before), manifest) : [],
    };
  }
}

/** Only pictures that lie in the package: a store that fetched others would tell strangers who looks at them. */
function picturesOf(row: VersionRow): string[] {
  const files = new Set((JSON.parse(row.files) as FileDigest[]).map(({ path }) => path));
  return manifestOf(row).portal.screenshot_urls.filter(
    (path) => files.has(path) && extname(path).toLowerCase() in PICTURES,
  );
}

/** Published modules as those who use them see them: which user has which version, and which drafts are whose. */
import { join } from 'node:path';
import { type Manifest, Quota } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import type { InstalledModule } from './registry.ts';

/** What the id of a draft begins with; an id of a manifest has no two dashes in a row. */
const DRAFT = 'draft--';

interface Published {
  developer_id: string;
  live_version: string | null;
  suspended: boolean;
}

/** All of it is held in memory, since it is asked for with each request; `load` reads it anew after a change. */
export class Publications {
  private readonly db: Db;
  private readonly sharedDir: string;
  private published = new Map<string, Published>();
  /** By "id version". */
  private versions = new Map<string, InstalledModule>();
  private drafts = new Map<string, InstalledModule>();
  /** Module ids and versions, by user. */
  private installs = new Map<string, Map<string, string>>();

  constructor(db: Db, sharedDir: string) {
    this.db = db;
    this.sharedDir = sharedDir;
  }

  async load(): Promise<void> {
    const modules = await this.db.selectFrom('published_modules').selectAll().execute();
    const installs = await this.db.selectFrom('module_installs').selectAll().execute();
    const rows = await this.db
      .selectFrom('module_versions')
      .select(['module_id', 'version', 'state', 'package_dir', 'manifest', 'assigned', 'created_at'])
      .orderBy('created_at')
      .execute();
    const used = new Set(installs.map(({ module_id, version }) => `${module_id} ${version}`));
    const versions = new Map<string, InstalledModule>();
    const drafts = new Map<string, InstalledModule>();
    for (const row of rows) {
      const key = `${row.module_id} ${row.version}`;
      const isDraft = row.state === 'draft' || row.state === 'submitted' || row.state === 'rejected';
      if (!isDraft && !used.has(key) && row.state === 'superseded') continue;
      const module: InstalledModule = {
        id: row.module_id,
        version: row.version,
        origin: 'store',
        package_dir: join(this.sharedDir, row.package_dir),
        manifest: JSON.parse(row.manifest) as Manifest,
        quota: Quota.parse(JSON.parse(row.assigned)),
      };
      if (isDraft) drafts.set(DRAFT + row.module_id, draftOf(module));
      else versions.set(key, module);
    }
    this.versions = versions;
    this.drafts = drafts;
    this.published = new Map(
      modules.map(({ module_id, developer_id, live_version, suspended_at }) => [
        module_id,
        { developer_id, live_version, suspended: suspended_at !== null },
      ]),
    );
    this.installs = new Map();
    for (const { user_id, module_id, version } of installs) {
      const mine = this.installs.get(user_id) ?? new Map<string, string>();
      this.installs.set(user_id, mine.set(module_id, version));
    }
  }

  /** The version that the user has, or the user's own draft. */
  find(id: string, userId: string): InstalledModule | undefined {
    if (id.startsWith(DRAFT)) return this.isDeveloper(id, userId) ? this.drafts.get(id) : undefined;
    const version = this.installs.get(userId)?.get(id);
    return version === undefined ? undefined : this.versions.get(`${id} ${version}`);
  }

  /** Also while it is suspended. */
  live(id: string): InstalledModule | undefined {
    const version = this.published.get(id)?.live_version;
    return version ? this.versions.get(`${id} ${version}`) : undefined;
  }

  allLive(): InstalledModule[] {
    return [...this.published.keys()].flatMap((id) => this.live(id) ?? []);
  }

  /** Without those that are suspended: nothing of them can be opened. */
  all(userId: string): InstalledModule[] {
    const installed = [...(this.installs.get(userId)?.keys() ?? [])].filter((id) => !this.isSuspended(id));
    return [...installed, ...this.drafts.keys()].flatMap((id) => this.find(id, userId) ?? []);
  }

  isPublished(id: string): boolean {
    return this.published.has(id.startsWith(DRAFT) ? id.slice(DRAFT.length) : id);
  }

  isSuspended(id: string): boolean {
    return this.published.get(id)?.suspended === true;
  }

  /** Everything that somebody may run. */
  manifests(): Manifest[] {
    return [...this.versions.values(), ...this.drafts.values()].map(({ manifest }) => manifest);
  }

  private isDeveloper(id: string, userId: string): boolean {
    return this.published.get(id.slice(DRAFT.length))?.developer_id === userId;
  }
}

/**
 * A draft is a module of its own: it has its own folders, records and grants, so that trying it out never touches what
 * the developer keeps in the version that is live.
 */
function draftOf(module: InstalledModule): InstalledModule {
  const { manifest } = module;
  const id = DRAFT + module.id;
  const { root, folders } = manifest.filesystem;
  const draftRoot = `${root} (draft)`;
  const filesystem = {
    root: draftRoot,
    folders: folders.map((folder) => ({ ...folder, path: draftRoot + folder.path.slice(root.length) })),
  };
  return {
    ...module,
    id,
    origin: 'draft',
    manifest: { ...manifest, id, name: `${manifest.name} (draft)`, filesystem },
  };
}

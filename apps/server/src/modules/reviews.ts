/** What administrators decide about published modules. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Assigned,
  type Decision,
  HanabiError,
  LIMITS,
  type ModuleVersion,
  type ReviewCase,
  type SampleRuns,
  type Tiers,
  type WorkflowCheck,
} from '@hanabi/protocol';
import { type FileDigest, SAMPLE_INPUTS } from '@hanabi/module-package';
import type { Sandbox } from '@hanabi/sandbox';
import type { UserRow, Users } from '../accounts/users.ts';
import { connectorsOf } from '../connections/connectors-of.ts';
import type { Schedules } from '../schedules/schedules.ts';
import { type Db, now } from '../storage/db.ts';
import { inTransaction } from '../storage/transaction.ts';
import { goBack, goLive } from './going-live.ts';
import type { ModuleLibraries } from './libraries.ts';
import { rate } from './module-rating.ts';
import { checkedQuota } from './quotas.ts';
import type { ModuleRegistry } from './registry.ts';
import { addedConnectors, addedPermissions, isAdminPermission } from './review-reasons.ts';
import { runSamples } from './sample-runs.ts';
import {
  addStep,
  checkOf,
  describeVersion,
  findingsOf,
  manifestOf,
  publishedRow,
  type PublishedRow,
  requireState,
  setState,
  stepsOf,
  type VersionRow,
  versionRow,
} from './version-rows.ts';

interface Parts {
  db: Db;
  shared_dir: string;
  registry: ModuleRegistry;
  users: Users;
  libraries: ModuleLibraries;
  sandbox: Sandbox;
  tiers: Tiers;
  schedules: Schedules;
}

export class Reviews {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** What waits first, oldest first; then everything that is or was live. */
  async list(): Promise<ModuleVersion[]> {
    const rows = await this.parts.db
      .selectFrom('module_versions')
      .selectAll()
      .where('state', 'in', ['submitted', 'live', 'superseded', 'suspended'])
      .orderBy('created_at')
      .execute();
    const waiting = rows.filter(({ state }) => state === 'submitted');
    const others = rows.filter(({ state }) => state !== 'submitted').toReversed();
    return Promise.all([...waiting, ...others].map((row) => this.describe(row)));
  }

  async caseOf(moduleId: string, version: string): Promise<ReviewCase> {
    const row = await this.row(moduleId, version);
    const live = await this.liveOf(row);
    const before = live && manifestOf(live);
    const manifest = manifestOf(row);
    const files = JSON.parse(row.files) as FileDigest[];
    return {
      version: await this.describe(row),
      rating: rate({ manifest, findings: findingsOf(row), public_key: row.public_key }),
      manifest: JSON.stringify(manifest, null, 2),
      live: live && before ? { version: live.version, manifest: JSON.stringify(before, null, 2) } : null,
      added_permissions: before ? addedPermissions(before, manifest) : manifest.permissions,
      removed_permissions: before ? addedPermissions(manifest, before) : [],
      added_connectors: before ? addedConnectors(before, manifest) : connectorsOf(manifest),
      files: compareFiles(live ? (JSON.parse(live.files) as FileDigest[]) : [], files),
      steps: await stepsOf(this.parts.db, moduleId),
      tiers: Object.keys(this.parts.tiers),
      has_workflows: [before, manifest].some((each) => each?.entrypoints.workflow !== undefined),
      workflow_check: checkOf(row),
      sample_inputs: files.map(({ path }) => path).filter((path) => path.startsWith(`${SAMPLE_INPUTS}/`)),
    };
  }

  /** The text of one file of a version. HANABI-M004 where there is none, F004 where it is too large to be shown. */
  async file(moduleId: string, version: string, path: string): Promise<string> {
    const row = await this.row(moduleId, version);
    const known = (JSON.parse(row.files) as FileDigest[]).some((file) => file.path === path);
    if (!known) throw new HanabiError('HANABI-M004', path.slice(0, 200));
    const source = join(this.parts.shared_dir, row.package_dir, path);
    if ((await stat(source)).size > LIMITS.package_shown_file_bytes_max) throw new HanabiError('HANABI-F004', path);
    return readFile(source, 'utf8');
  }

  async runSamples(moduleId: string, version: string, signal: AbortSignal): Promise<SampleRuns> {
    const row = await this.row(moduleId, version);
    return runSamples(this.parts, join(this.parts.shared_dir, row.package_dir), manifestOf(row), signal);
  }

  /** Settles with what was known of running workflows. HANABI-W018 when the Python libraries of what is approved cannot be had. */
  async decide(
    admin: UserRow,
    moduleId: string,
    version: string,
    decision: Decision,
    signal: AbortSignal,
  ): Promise<WorkflowCheck | null> {
    const { db } = this.parts;
    const row = await this.row(moduleId, version);
    requireState(row, 'submitted');
    const note = decision.note ?? '';
    if (decision.decision === 'reject') {
      await inTransaction(db, async (change) => {
        await setState(change, row, { state: 'rejected', note, decided_at: now() });
        await addStep(change, row, 'rejected', admin.name, note);
      });
    } else {
      const assigned = this.allowedBy(row, decision);
      await this.provideLibraries(row, signal);
      await inTransaction(db, async (change) => {
        await goLive(change, row, assigned);
        await change
          .updateTable('module_versions')
          .set({ note })
          .where('module_id', '=', moduleId)
          .where('version', '=', version)
          .execute();
        await addStep(change, row, 'approved', admin.name, note);
      });
    }
    await this.goOn(moduleId);
    return checkOf(row);
  }

  /** Stops a module for everybody, or lets it go on. What runs ends with HANABI-M009. */
  async suspend(admin: UserRow, moduleId: string, suspended: boolean, note: string): Promise<void> {
    const { db, registry, schedules } = this.parts;
    await inTransaction(db, async (change) => {
      const published = await publishedRow(change, moduleId);
      const live = await versionRow(change, moduleId, published?.live_version ?? '');
      requireState(live, suspended ? 'live' : 'suspended');
      await setState(change, live, { state: suspended ? 'suspended' : 'live' });
      await change
        .updateTable('published_modules')
        .set({ suspended_at: suspended ? now() : null })
        .where('module_id', '=', moduleId)
        .execute();
      await addStep(change, live, suspended ? 'suspended' : 'resumed', admin.name, note);
    });
    if (!suspended) return this.goOn(moduleId);
    await registry.publicationsChanged();
    await schedules.suspendOfModule(moduleId);
  }

  async rollBack(admin: UserRow, moduleId: string, version: string, note: string): Promise<void> {
    await inTransaction(this.parts.db, async (change) => {
      const row = await versionRow(change, moduleId, version);
      requireState(row, 'superseded');
      await goBack(change, row);
      await addStep(change, row, 'rolled back', admin.name, note);
    });
    await this.goOn(moduleId);
  }

  /** What stood still because the module was suspended goes on where it no longer is. */
  private async goOn(moduleId: string): Promise<void> {
    const { db, registry, schedules } = this.parts;
    await registry.publicationsChanged();
    const published = await publishedRow(db, moduleId);
    if (published?.suspended_at === null) await schedules.resumeOfModule(moduleId);
  }

  private allowedBy(row: VersionRow, decision: Decision): Assigned {
    const { permissions = [] } = decision;
    const quota = checkedQuota(decision, this.parts.tiers);
    const asked = manifestOf(row).permissions;
    const strange = permissions.find((one) => !isAdminPermission(one) || !asked.includes(one));
    if (strange) throw new HanabiError('HANABI-V008', `"permissions": ${strange} is nothing to be decided here`);
    return { ...quota, permissions };
  }

  /** Without a sandbox nothing of it can run, so there is nothing to provide. */
  private async provideLibraries(row: VersionRow, signal: AbortSignal): Promise<void> {
    try {
      await this.parts.libraries.layerOf(manifestOf(row), signal);
    } catch (error) {
      if (error instanceof HanabiError && error.code !== 'HANABI-W018') return;
      throw error;
    }
  }

  private async describe(row: VersionRow): Promise<ModuleVersion> {
    const published = await publishedRow(this.parts.db, row.module_id);
    return describeVersion(row, await this.developerOf(published), await this.liveOf(row));
  }

  private async developerOf(published: PublishedRow | undefined): Promise<string> {
    return (published && (await this.parts.users.byId(published.developer_id)))?.name ?? '';
  }

  private async liveOf(row: VersionRow): Promise<VersionRow | undefined> {
    const version = (await publishedRow(this.parts.db, row.module_id))?.live_version;
    return version && version !== row.version ? versionRow(this.parts.db, row.module_id, version) : undefined;
  }

  /** Drafts are their developer's until they are submitted. */
  private async row(moduleId: string, version: string): Promise<VersionRow> {
    const row = await versionRow(this.parts.db, moduleId, version);
    if (row.state === 'draft') throw new HanabiError('HANABI-M013', `${moduleId} ${version}`);
    return row;
  }
}

function compareFiles(before: readonly FileDigest[], after: readonly FileDigest[]): ReviewCase['files'] {
  const old = new Map(before.map(({ path, sha256 }) => [path, sha256]));
  const paths = new Set(after.map(({ path }) => path));
  const kept = after.map(({ path, size_bytes, sha256 }) => {
    const was = old.get(path);
    return {
      path,
      size_bytes,
      change: was === undefined ? ('new' as const) : was === sha256 ? ('same' as const) : ('changed' as const),
    };
  });
  const gone = before.filter(({ path }) => !paths.has(path));
  return [...kept, ...gone.map(({ path, size_bytes }) => ({ path, size_bytes, change: 'gone' as const }))];
}

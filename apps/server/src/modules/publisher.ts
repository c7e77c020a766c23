/** What a developer does: uploads packages, tries them as drafts, submits them. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { type Assigned, HanabiError, LIMITS, type PortalModule, type UploadedPackage } from '@hanabi/protocol';
import { type PackageReport, requireSameKey, validatePackage } from '@hanabi/module-package';
import { checkPython, type Sandbox } from '@hanabi/sandbox';
import type { UserRow } from '../accounts/users.ts';
import { type Db, now } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import { alone, inTransaction } from '../storage/transaction.ts';
import { goLive } from './going-live.ts';
import { type ReceivedPackage, withReceived } from './receive-package.ts';
import type { ModuleRegistry } from './registry.ts';
import { isAdminPermission, reviewReasons } from './review-reasons.ts';
import { compareVersions } from './semver.ts';
import {
  addStep,
  assignedOf,
  describeVersion,
  manifestOf,
  NOTHING_ASSIGNED,
  publishedRow,
  requireState,
  reviewedOf,
  setState,
  stepsOf,
  type VersionRow,
  versionRow,
  versionRows,
} from './version-rows.ts';

export interface PublishingParts {
  db: Db;
  shared_dir: string;
  registry: ModuleRegistry;
  sandbox: Sandbox;
  tiers: readonly string[];
  /** Updates that ask for nothing that has to be decided go live without a review. */
  direct_updates: boolean;
}

export class Publisher {
  private readonly parts: PublishingParts;
  private readonly waiting: (() => void)[] = [];
  private checking = 0;

  constructor(parts: PublishingParts) {
    this.parts = parts;
  }

  /** Checks a package and keeps it as a draft, in place of the draft before it. Throws HANABI-V013 to V020, M010, M011. */
  async upload(developer: UserRow, body: Readable): Promise<UploadedPackage> {
    const packagesDir = join(this.parts.shared_dir, 'modules');
    return this.inTurn(() => withReceived(body, packagesDir, (received) => this.take(developer, received)));
  }

  private async take(developer: UserRow, received: ReceivedPackage): Promise<UploadedPackage> {
    const { db, registry, sandbox, tiers } = this.parts;
    const report = await validatePackage(received.dir, {
      tiers,
      others: await this.others(),
      checkPython: (files) => checkPython(sandbox, files, new AbortController().signal),
    });
    const { manifest } = report;
    if (!report.ok || !manifest) return { version: null, findings: report.problems };
    if (registry.isOfHouse(manifest.id)) throw new HanabiError('HANABI-M010', manifest.id);
    const row = versionOf(report, received, this.parts.shared_dir);
    await this.keep(received, row);
    try {
      const dropped = await inTransaction(db, async (change) => {
        await alone(change, 'modules', row.module_id);
        const drafts = await this.makeRoom(change, developer, row);
        await change.insertInto('module_versions').values(row).execute();
        await addStep(change, row, 'uploaded', developer.name);
        return drafts;
      });
      // Who failed with the same content at this moment may have taken the folder away; with its row nobody does.
      await this.keep(received, row);
      for (const draft of dropped) await this.drop(draft);
    } catch (error) {
      await this.drop(row);
      throw error;
    }
    await registry.publicationsChanged();
    const live = await this.liveOf(row.module_id);
    return { version: describeVersion(row, developer.name, live), findings: report.problems };
  }

  /** Before its row: a row whose folder is not there would be a module that cannot be opened. */
  private async keep(received: ReceivedPackage, { package_dir }: VersionRow): Promise<void> {
    const target = join(this.parts.shared_dir, package_dir);
    await mkdir(dirname(target), { recursive: true });
    // The same content may be there from a draft before, or from somebody who was faster.
    if (existsSync(target)) return;
    await rename(received.dir, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  }

  /** Removes its folder, unless another row has the same. */
  private async drop({ package_dir }: VersionRow): Promise<void> {
    const { db, shared_dir } = this.parts;
    const rows = db.selectFrom('module_versions').select('version').where('package_dir', '=', package_dir);
    if (await rows.executeTakeFirst()) return;
    await rm(join(shared_dir, package_dir), { recursive: true, force: true });
  }

  /** Returns the drafts that it takes the place of. */
  private async makeRoom(change: Change, developer: UserRow, row: VersionRow): Promise<VersionRow[]> {
    const dropped: VersionRow[] = [];
    const published = await publishedRow(change, row.module_id);
    if (published && published.developer_id !== developer.id) throw new HanabiError('HANABI-M010', row.module_id);
    if (!published) {
      const values = { module_id: row.module_id, developer_id: developer.id, live_version: null, suspended_at: null };
      await change
        .insertInto('published_modules')
        .values({ ...values, created_at: now() })
        .execute();
    }
    const others = await versionRows(change, row.module_id);
    for (const other of others) {
      if (other.state === 'draft' || (other.state === 'rejected' && other.version === row.version)) {
        await change
          .deleteFrom('module_versions')
          .where('module_id', '=', other.module_id)
          .where('version', '=', other.version)
          .execute();
        dropped.push(other);
        continue;
      }
      if (other.state === 'rejected' || compareVersions(other.version, row.version) < 0) continue;
      throw new HanabiError('HANABI-M011', `${other.version} is ${other.state}`);
    }
    requireSameKey(
      others.findLast(({ state }) => state !== 'draft' && state !== 'rejected')?.public_key,
      row.public_key,
    );
    const { count } = await change
      .selectFrom('module_versions')
      .innerJoin('published_modules', 'published_modules.module_id', 'module_versions.module_id')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('developer_id', '=', developer.id)
      .where('state', 'in', ['draft', 'submitted', 'rejected'])
      .executeTakeFirstOrThrow();
    const max = LIMITS.package_open_versions_max;
    if (count >= max) throw new HanabiError('HANABI-Q002', `at most ${max} versions that are not decided`);
    return dropped;
  }

  /** Sends a draft to the review, or makes it live where there is nothing to decide. */
  async submit(developer: UserRow, moduleId: string, version: string, note: string): Promise<'submitted' | 'live'> {
    const { db, registry, direct_updates } = this.parts;
    const row = await this.own(developer, moduleId, version);
    requireState(row, 'draft');
    const live = await this.liveOf(moduleId);
    const reasons = reviewReasons(live && reviewedOf(live), reviewedOf(row));
    // What was stopped goes on when an administrator says so.
    const direct = direct_updates && reasons.length === 0 && live?.state === 'live';
    await inTransaction(db, async (change) => {
      await addStep(change, row, 'submitted', developer.name, note);
      if (!direct) return setState(change, row, { state: 'submitted' });
      await goLive(change, row, carriedOver(live, row));
      await addStep(change, row, 'live', '', 'It asks for nothing that has to be decided.');
    });
    await registry.publicationsChanged();
    return direct ? 'live' : 'submitted';
  }

  /** Takes a version back that nobody has decided yet. */
  async withdraw(developer: UserRow, moduleId: string, version: string): Promise<void> {
    const row = await this.own(developer, moduleId, version);
    requireState(row, 'submitted');
    await inTransaction(this.parts.db, async (change) => {
      await setState(change, row, { state: 'draft' });
      await addStep(change, row, 'withdrawn', developer.name);
    });
    await this.parts.registry.publicationsChanged();
  }

  /** What a developer has, with everything that was said about it. */
  async modulesOf(developer: UserRow): Promise<PortalModule[]> {
    const { db } = this.parts;
    const modules = await db
      .selectFrom('published_modules')
      .selectAll()
      .where('developer_id', '=', developer.id)
      .orderBy('created_at', 'desc')
      .execute();
    return Promise.all(
      modules.map(async ({ module_id, live_version, suspended_at }) => {
        const rows = await versionRows(db, module_id);
        const live = rows.find(({ version }) => version === live_version);
        const { count } = await db
          .selectFrom('module_installs')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('module_id', '=', module_id)
          .executeTakeFirstOrThrow();
        const versions = rows.map((row) => describeVersion(row, developer.name, live)).toReversed();
        const name = versions[0]?.name ?? module_id;
        const suspended = suspended_at !== null;
        const steps = await stepsOf(db, module_id);
        return { module_id, name, live_version, suspended, installs: count, versions, steps };
      }),
    );
  }

  private async own(developer: UserRow, moduleId: string, version: string): Promise<VersionRow> {
    const published = await publishedRow(this.parts.db, moduleId);
    // What others upload is nobody's business: it is not told apart from what is not there.
    if (published?.developer_id !== developer.id)
      throw new HanabiError('HANABI-M013', `${moduleId} ${version}`.slice(0, 120));
    return versionRow(this.parts.db, moduleId, version);
  }

  private async liveOf(moduleId: string): Promise<VersionRow | undefined> {
    const version = (await publishedRow(this.parts.db, moduleId))?.live_version;
    return version ? versionRow(this.parts.db, moduleId, version) : undefined;
  }

  /** Modules whose names a new one may not look like. */
  private async others(): Promise<{ id: string; name: string }[]> {
    const rows = await this.parts.db
      .selectFrom('module_versions')
      .select(['module_id', 'manifest'])
      .where('state', 'in', ['submitted', 'live', 'superseded', 'suspended'])
      .execute();
    const published = rows.map(({ module_id, manifest }) => ({
      id: module_id,
      name: (JSON.parse(manifest) as { name: string }).name,
    }));
    return [...this.parts.registry.ofHouse(), ...published];
  }

  /** Unpacking and reading packages is work; few are under way at a time. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.checking >= LIMITS.package_checks_at_once_max) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.checking += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.checking -= 1;
    }
  }
}

/** What was allowed to the version before holds for one that asks for no more. */
function carriedOver(live: VersionRow, row: VersionRow): Assigned {
  const assigned = assignedOf(live);
  const { permissions } = manifestOf(row);
  return {
    ...assigned,
    permissions: assigned.permissions.filter((one) => isAdminPermission(one) && permissions.includes(one)),
  };
}

function versionOf(report: PackageReport, received: ReceivedPackage, sharedDir: string): VersionRow {
  const { id, version } = report.manifest!;
  const dir = join(sharedDir, 'modules', id, `${version}-${report.content_sha256!.slice(0, 16)}`);
  return {
    module_id: id,
    version,
    state: 'draft',
    package_dir: relative(sharedDir, dir),
    package_sha256: received.sha256,
    public_key: report.public_key ?? null,
    size_bytes: received.size_bytes,
    manifest: JSON.stringify(report.manifest),
    files: JSON.stringify(report.files),
    findings: JSON.stringify(report.problems),
    assigned: JSON.stringify(NOTHING_ASSIGNED),
    note: '',
    created_at: now(),
    decided_at: null,
    workflow_check: null,
  };
}

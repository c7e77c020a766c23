/** The rows of versions, read and written by those who publish, decide and install. */
import {
  Assigned,
  HanabiError,
  type Manifest,
  type ModuleVersion,
  type PackageFinding,
  type VersionStep,
  type WorkflowCheck,
} from '@hanabi/protocol';
import type { FileDigest } from '@hanabi/module-package';
import type { Selectable } from 'kysely';
import { connectorsOf } from '../connections/connectors-of.ts';
import { type Db, now } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';
import { type Reviewed, reviewReasons } from './review-reasons.ts';

export type VersionRow = Selectable<Tables['module_versions']>;
export type PublishedRow = Selectable<Tables['published_modules']>;

export const NOTHING_ASSIGNED = Assigned.parse({ permissions: [] });

export function publishedRow(db: Db | Change, moduleId: string): Promise<PublishedRow | undefined> {
  return db.selectFrom('published_modules').selectAll().where('module_id', '=', moduleId).executeTakeFirst();
}

/** Oldest first. */
export function versionRows(db: Db | Change, moduleId: string): Promise<VersionRow[]> {
  return db.selectFrom('module_versions').selectAll().where('module_id', '=', moduleId).orderBy('created_at').execute();
}

/** HANABI-M013 when there is none. */
export async function versionRow(db: Db | Change, moduleId: string, version: string): Promise<VersionRow> {
  const row = await db
    .selectFrom('module_versions')
    .selectAll()
    .where('module_id', '=', moduleId)
    .where('version', '=', version)
    .executeTakeFirst();
  if (!row) throw new HanabiError('HANABI-M013', `${moduleId} ${version}`.slice(0, 120));
  return row;
}

/** Moves a version on, if it still is where its reader saw it; else HANABI-M012. */
export async function setState(
  db: Change,
  { module_id, version, state }: VersionRow,
  next: Partial<VersionRow> & Pick<VersionRow, 'state'>,
): Promise<void> {
  const moved = await db
    .updateTable('module_versions')
    .set(next)
    .where('module_id', '=', module_id)
    .where('version', '=', version)
    .where('state', '=', state)
    .returning('version')
    .executeTakeFirst();
  if (!moved) throw new HanabiError('HANABI-M012', `${version} is ${state} no more`);
}

export function requireState(row: VersionRow, ...states: readonly VersionRow['state'][]): void {
  if (!states.includes(row.state)) throw new HanabiError('HANABI-M012', `${row.version} is ${row.state}`);
}

export async function addStep(
  db: Db | Change,
  row: Pick<VersionRow, 'module_id' | 'version'>,
  step: string,
  actor: string,
  note = '',
): Promise<void> {
  const { module_id, version } = row;
  await db.insertInto('module_steps').values({ at: now(), module_id, version, step, actor, note }).execute();
}

/** Newest first. */
export async function stepsOf(db: Db, moduleId: string): Promise<VersionStep[]> {
  return db
    .selectFrom('module_steps')
    .select(['at', 'version', 'step', 'actor', 'note'])
    .where('module_id', '=', moduleId)
    .orderBy('seq', 'desc')
    .limit(200)
    .execute();
}

export function manifestOf(row: VersionRow): Manifest {
  return JSON.parse(row.manifest) as Manifest;
}

export function assignedOf(row: Pick<VersionRow, 'assigned'>): Assigned {
  return Assigned.parse(JSON.parse(row.assigned));
}

export function reviewedOf(row: VersionRow): Reviewed {
  return { manifest: manifestOf(row), files: JSON.parse(row.files) as FileDigest[] };
}

export function findingsOf(row: VersionRow): PackageFinding[] {
  return JSON.parse(row.findings) as PackageFinding[];
}

/** What was found when somebody last looked whether it fits the workflows that are there; null: nobody has. */
export function checkOf({ workflow_check }: VersionRow): WorkflowCheck | null {
  return workflow_check === null ? null : (JSON.parse(workflow_check) as WorkflowCheck);
}

/** As developers and reviewers see it; `live` is the version that it would follow. */
export function describeVersion(row: VersionRow, developer: string, live: VersionRow | undefined): ModuleVersion {
  const manifest = manifestOf(row);
  const isOpen = row.state === 'draft' || row.state === 'submitted' || row.state === 'rejected';
  return {
    module_id: row.module_id,
    name: manifest.name,
    version: row.version,
    state: row.state,
    developer,
    size_bytes: row.size_bytes,
    package_sha256: row.package_sha256,
    public_key: row.public_key,
    permissions: manifest.permissions,
    connectors: connectorsOf(manifest),
    findings: findingsOf(row),
    review_reasons: isOpen ? reviewReasons(live && reviewedOf(live), reviewedOf(row)) : [],
    assigned: assignedOf(row),
    note: row.note,
    created_at: row.created_at,
    decided_at: row.decided_at,
  };
}

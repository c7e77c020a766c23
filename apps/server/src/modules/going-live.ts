/** The step that makes a version the one that users get, and the way back to one that was. */
import { type Assigned, LIMITS } from '@hanabi/protocol';
import { now } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import { alone } from '../storage/transaction.ts';
import { asksMore, isAdminPermission } from './review-reasons.ts';
import { compareVersions } from './semver.ts';
import {
  assignedOf,
  manifestOf,
  publishedRow,
  setState,
  type VersionRow,
  versionRow,
  versionRows,
} from './version-rows.ts';

/**
 * Makes `row` live under what was assigned to it. Users whose version asks for as much have the new one at once; others
 * keep theirs until they have seen what it asks for beyond.
 */
export async function goLive(db: Change, row: VersionRow, assigned: Assigned): Promise<void> {
  await alone(db, 'modules', row.module_id);
  const before = await supersedeLive(db, row.module_id);
  await setState(db, row, { state: 'live', assigned: JSON.stringify(assigned), decided_at: now() });
  await makeCurrent(db, row, assigned);
  if (!before) return;
  const next = manifestOf(row);
  for (const old of await versionRows(db, row.module_id)) {
    const isOlder = compareVersions(old.version, row.version) < 0;
    if (isOlder && asksMore(manifestOf(old), next)) continue;
    await moveInstalls(db, row.module_id, old.version, row.version);
  }
  await forgetEarlier(db, row.module_id);
}

/** Makes a version live again that was; whoever has a later one gets it, too. */
export async function goBack(db: Change, row: VersionRow): Promise<void> {
  await alone(db, 'modules', row.module_id);
  await supersedeLive(db, row.module_id);
  await setState(db, row, { state: 'live' });
  await makeCurrent(db, row, assignedOf(row));
  for (const { version } of await versionRows(db, row.module_id)) {
    if (compareVersions(version, row.version) > 0) await moveInstalls(db, row.module_id, version, row.version);
  }
}

/** A module that was suspended goes on with it: whoever decided for this version has seen why the other one was. */
async function makeCurrent(db: Change, row: VersionRow, assigned: Assigned): Promise<void> {
  await db
    .updateTable('published_modules')
    .set({ live_version: row.version, suspended_at: null })
    .where('module_id', '=', row.module_id)
    .execute();
  await setGrants(db, row, assigned);
}

async function supersedeLive(db: Change, moduleId: string): Promise<VersionRow | undefined> {
  const version = (await publishedRow(db, moduleId))?.live_version;
  if (!version) return undefined;
  const live = await versionRow(db, moduleId, version);
  await setState(db, live, { state: 'superseded' });
  return live;
}

async function moveInstalls(db: Change, moduleId: string, from: string, to: string): Promise<void> {
  await db
    .updateTable('module_installs')
    .set({ version: to })
    .where('module_id', '=', moduleId)
    .where('version', '=', from)
    .execute();
}

/** Each version that is kept takes room on the disk; the folders of those that are not are collected. */
async function forgetEarlier(db: Change, moduleId: string): Promise<void> {
  const installed = db.selectFrom('module_installs').select('version').where('module_id', '=', moduleId);
  const earlier = await db
    .selectFrom('module_versions')
    .select('version')
    .where('module_id', '=', moduleId)
    .where('state', '=', 'superseded')
    .where('version', 'not in', installed)
    .orderBy('decided_at', 'desc')
    .execute();
  for (const { version } of earlier.slice(LIMITS.package_earlier_versions_max)) {
    await db.deleteFrom('module_versions').where('module_id', '=', moduleId).where('version', '=', version).execute();
  }
}

/**
 * For everybody: what of the admin tiers the review allowed. What it did not allow is taken away, and what an
 * administrator has denied beside it stays denied.
 */
async function setGrants(db: Change, row: VersionRow, { permissions }: Assigned): Promise<void> {
  await db
    .deleteFrom('grants')
    .where('module_id', '=', row.module_id)
    .where('user_id', '=', '')
    .where((e) => e.or([e('state', '=', 'granted'), e('permission', 'in', ['', ...permissions])]))
    .execute();
  const granted = manifestOf(row).permissions.filter(
    (permission) => isAdminPermission(permission) && permissions.includes(permission),
  );
  for (const permission of granted) {
    const values = { module_id: row.module_id, user_id: '', permission, state: 'granted' as const, updated_at: now() };
    await db.insertInto('grants').values(values).execute();
  }
}

/** The step that makes a version the one that users get, and the way back to one that was. */
import type { Assigned } from '@hanabi/protocol';
import { now } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import { addedPermissions, isAdminPermission } from './review-reasons.ts';
import { compareVersions } from './semver.ts';
import { manifestOf, publishedRow, setState, type VersionRow, versionRow, versionRows } from './version-rows.ts';

/**
 * Makes `row` live under what was assigned to it. Users whose version asks for as much have the new one at once; others
 * keep theirs until they have seen what it asks for beyond.
 */
export async function goLive(db: Change, row: VersionRow, assigned: Assigned): Promise<void> {
  const before = await supersedeLive(db, row.module_id);
  await setState(db, row, { state: 'live', assigned: JSON.stringify(assigned), decided_at: now() });
  await db
    .updateTable('published_modules')
    .set({ live_version: row.version })
    .where('module_id', '=', row.module_id)
    .execute();
  await setGrants(db, row, assigned);
  if (!before) return;
  const next = manifestOf(row);
  for (const old of await versionRows(db, row.module_id)) {
    const isOlder = compareVersions(old.version, row.version) < 0;
    if (isOlder && addedPermissions(manifestOf(old), next).length > 0) continue;
    await moveInstalls(db, row.module_id, old.version, row.version);
  }
}

/** Makes a version live again that was; whoever has a later one gets it, too. */
export async function goBack(db: Change, row: VersionRow): Promise<void> {
  await supersedeLive(db, row.module_id);
  await setState(db, row, { state: 'live' });
  await db
    .updateTable('published_modules')
    .set({ live_version: row.version })
    .where('module_id', '=', row.module_id)
    .execute();
  await setGrants(db, row, JSON.parse(row.assigned) as Assigned);
  for (const { version } of await versionRows(db, row.module_id)) {
    if (compareVersions(version, row.version) > 0) await moveInstalls(db, row.module_id, version, row.version);
  }
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

/** For everybody: what of the admin tiers the review allowed. What it did not allow is taken away. */
async function setGrants(db: Change, row: VersionRow, { permissions }: Assigned): Promise<void> {
  await db.deleteFrom('grants').where('module_id', '=', row.module_id).where('user_id', '=', '').execute();
  const granted = manifestOf(row).permissions.filter(
    (permission) => isAdminPermission(permission) && permissions.includes(permission),
  );
  for (const permission of granted) {
    const values = { module_id: row.module_id, user_id: '', permission, state: 'granted' as const, updated_at: now() };
    await db.insertInto('grants').values(values).execute();
  }
}

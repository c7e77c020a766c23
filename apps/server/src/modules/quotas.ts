/** What an administrator bounds of one module, whether it is one of the house or a published one. */
import { HanabiError, Quota, QUOTA_NAMES, type SetQuota, type Tiers } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import { alone, inTransaction } from '../storage/transaction.ts';
import type { ModuleRegistry } from './registry.ts';
import { assignedOf, versionRows } from './version-rows.ts';

/** The whole of it; what is left out is the server’s limit. HANABI-M007 for a tier that this server does not have. */
export function checkedQuota(wish: SetQuota, tiers: Tiers): Quota {
  const quota = Quota.parse(wish);
  for (const tier of [quota.tier, quota.service_tier]) {
    if (tier !== null && !Object.hasOwn(tiers, tier)) throw new HanabiError('HANABI-M007', `"${tier}"`);
  }
  return quota;
}

/** What is bounded, as the audit tells it. */
export function boundsOf(quota: SetQuota): string[] {
  return QUOTA_NAMES.filter((name) => typeof quota[name] !== 'undefined' && quota[name] !== null).map(
    (name) => `${name}: ${quota[name]}`,
  );
}

/** Holds for jobs that begin from now on, and of a published module for each version that was approved. */
export async function setQuota(db: Db, registry: ModuleRegistry, id: string, quota: Quota): Promise<void> {
  if (registry.isOfHouse(id)) {
    await db
      .updateTable('modules')
      .set({ quota: JSON.stringify(quota) })
      .where('id', '=', id)
      .execute();
    await registry.reload();
    return;
  }
  await inTransaction(db, async (change) => {
    await alone(change, 'modules', id);
    for (const row of await versionRows(change, id)) {
      if (row.decided_at === null || row.state === 'rejected') continue;
      await change
        .updateTable('module_versions')
        .set({ assigned: JSON.stringify({ ...assignedOf(row), ...quota }) })
        .where('module_id', '=', id)
        .where('version', '=', row.version)
        .execute();
    }
  });
  await registry.publicationsChanged();
}

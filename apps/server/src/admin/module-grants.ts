import {
  type AdminModule,
  type AdminModules,
  HanabiError,
  type Permission,
  type SetGrant,
  type Tiers,
} from '@hanabi/protocol';
import { assignedOf, versionRows } from '../modules/version-rows.ts';
import { isAdminPermission } from '../modules/review-reasons.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import type { Db } from '../storage/db.ts';
import { alone, inTransaction } from '../storage/transaction.ts';

/** The modules of the house and the published ones in their live version, with what is granted to each for everybody. */
export async function adminModules(db: Db, registry: ModuleRegistry, tiers: Tiers): Promise<AdminModules> {
  const said = await db.selectFrom('grants').selectAll().where('user_id', '=', '').execute();
  const installed = await db.selectFrom('modules').select(['id', 'installed_at']).execute();
  const published = await db.selectFrom('published_modules').selectAll().execute();
  const describe = async (module: InstalledModule): Promise<AdminModule> => {
    const { id, version, origin, manifest, quota } = module;
    const rights = await registry.rights(module, '');
    const rows = registry.isOfHouse(id) ? [] : (await versionRows(db, id)).toReversed();
    const decided_at = rows.find((row) => row.version === version)?.decided_at;
    return {
      id,
      name: manifest.name,
      version,
      origin,
      installed_at: installed.find((row) => row.id === id)?.installed_at ?? decided_at ?? '',
      permissions: manifest.permissions.map((permission) => ({
        name: permission,
        said:
          said.find((grant) => grant.module_id === id && grant.permission === permission)?.state ??
          ('default' as const),
        granted: rights.granted.has(permission),
      })),
      quota,
      suspended: published.some((row) => row.module_id === id && row.suspended_at !== null),
      earlier: rows.filter(({ state }) => state === 'superseded').map((row) => row.version),
    };
  };
  const modules = await Promise.all(registry.allCurrent().map(describe));
  return { modules: modules.sort((a, b) => a.name.localeCompare(b.name)), tiers: Object.keys(tiers) };
}

/** Says for everybody what a module may do. HANABI-P001 for what it does not declare, M001 for a module of nobody's. */
export async function sayGrant(
  db: Db,
  registry: ModuleRegistry,
  id: string,
  { permission, said }: SetGrant,
): Promise<InstalledModule> {
  const module = registry.current(id);
  if (!module.manifest.permissions.includes(permission)) throw new HanabiError('HANABI-P001', permission);
  if (!registry.isOfHouse(id) && isAdminPermission(permission))
    await assign(db, module, permission, said === 'granted');
  if (said !== 'default') await registry.setGrant(module, '', permission, said);
  else {
    await db
      .deleteFrom('grants')
      .where('module_id', '=', id)
      .where('user_id', '=', '')
      .where('permission', '=', permission)
      .execute();
    registry.rightsChanged();
  }
  return module;
}

/**
 * What was allowed to a published version is what the next one inherits, and what counts again when somebody goes back
 * to it: what is taken away is taken from all of them, and what is given is given to the live one.
 */
async function assign(db: Db, module: InstalledModule, permission: Permission, allowed: boolean): Promise<void> {
  await inTransaction(db, async (change) => {
    await alone(change, 'modules', module.id);
    for (const row of await versionRows(change, module.id)) {
      if (allowed && row.version !== module.version) continue;
      const assigned = assignedOf(row);
      const others = assigned.permissions.filter((one) => one !== permission);
      await change
        .updateTable('module_versions')
        .set({ assigned: JSON.stringify({ ...assigned, permissions: allowed ? [...others, permission] : others }) })
        .where('module_id', '=', module.id)
        .where('version', '=', row.version)
        .execute();
    }
  });
}

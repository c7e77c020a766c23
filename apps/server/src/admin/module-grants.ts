import { type AdminModule, HanabiError, type Manifest, type SetGrant } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import type { ModuleRegistry } from '../modules/registry.ts';

/** The modules that the operator installed, with what is granted to each for everybody. */
export async function adminModules(db: Db, registry: ModuleRegistry): Promise<AdminModule[]> {
  const rows = await db.selectFrom('modules').selectAll().orderBy('id').execute();
  const said = await db.selectFrom('grants').selectAll().where('user_id', '=', '').execute();
  return Promise.all(
    rows.map(async ({ id, version, origin, manifest, installed_at }) => {
      const { name, permissions } = JSON.parse(manifest) as Manifest;
      const rights = await registry.rights(registry.get(id, ''), '');
      return {
        id,
        name,
        version,
        origin,
        installed_at,
        permissions: permissions.map((permission) => ({
          name: permission,
          said:
            said.find((grant) => grant.module_id === id && grant.permission === permission)?.state ??
            ('default' as const),
          granted: rights.granted.has(permission),
        })),
      };
    }),
  );
}

/** Says for everybody what a module may do. HANABI-P001 for what it does not declare, M001 for a module of nobody's. */
export async function sayGrant(db: Db, registry: ModuleRegistry, id: string, { permission, said }: SetGrant) {
  const module = registry.get(id, '');
  if (!module.manifest.permissions.includes(permission)) throw new HanabiError('HANABI-P001', permission);
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

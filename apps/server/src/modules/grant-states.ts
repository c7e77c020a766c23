/** What a person is shown of the permissions of their modules, and what they decide about them. */
import {
  type DecideGrants,
  type GrantState,
  HanabiError,
  type ModuleGrants,
  type Permission,
  PERMISSIONS,
  type Rights,
} from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import { inTransaction } from '../storage/transaction.ts';
import type { PermissionUses } from './permission-uses.ts';
import type { InstalledModule, ModuleRegistry } from './registry.ts';

/** Every module of a user with the state of everything that it declares. */
export async function listGrants(
  { db, registry, uses }: { db: Db; registry: ModuleRegistry; uses: PermissionUses },
  userId: string,
): Promise<ModuleGrants[]> {
  const used = await uses.lastUses(userId);
  const refused = await refusedBy(db, userId);
  const modules: ModuleGrants[] = [];
  for (const module of registry.all(userId)) {
    const rights = await registry.rights(module, userId);
    const { name, portal } = module.manifest;
    modules.push({
      module_id: module.id,
      name,
      icon_data_url: portal.icon_data_url ?? null,
      permissions: module.manifest.permissions.map((permission) => ({
        name: permission,
        state: stateOf(rights, permission, refused.has(`${module.id} ${permission}`)),
        reason: portal.permission_reasons[permission] ?? null,
        used_at: used.get(`${module.id} ${permission}`) ?? null,
      })),
    });
  }
  return modules;
}

function stateOf(rights: Rights, permission: Permission, refused: boolean): GrantState {
  if (rights.granted.has(permission)) return 'granted';
  if (refused) return 'refused';
  return PERMISSIONS[permission].tier === 'consent' ? 'unasked' : 'withheld';
}

/** What the user has said no to, as "module permission". */
export async function refusedBy(db: Db, userId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('decision', '=', 'refuse')
    .execute();
  return new Set(rows.map(({ module_id, permission }) => `${module_id} ${permission}`));
}

/**
 * Keeps what a user says. Only what is theirs to give is given by a yes; for anything else a yes takes their own no back.
 * HANABI-P001 for what the module does not declare.
 */
export async function decide(
  db: Db,
  module: InstalledModule,
  userId: string,
  { permissions, decision }: Pick<DecideGrants, 'permissions' | 'decision'>,
): Promise<void> {
  for (const permission of permissions) {
    if (!module.manifest.permissions.includes(permission)) throw new HanabiError('HANABI-P001', permission);
  }
  await inTransaction(db, async (change) => {
    for (const permission of permissions) {
      const key = { user_id: userId, module_id: module.id, permission };
      if (decision === 'allow' && PERMISSIONS[permission].tier !== 'consent') {
        await change
          .deleteFrom('decisions')
          .where('user_id', '=', userId)
          .where('module_id', '=', module.id)
          .where('permission', '=', permission)
          .execute();
        continue;
      }
      await change
        .insertInto('decisions')
        .values({ ...key, decision })
        .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'permission']).doUpdateSet({ decision }))
        .execute();
    }
  });
}

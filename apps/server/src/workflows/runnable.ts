/** Whether workflows of a module may run for a user at this moment, and with what. */
import { HanabiError, type Permission, requirePermission, type Rights } from '@hanabi/protocol';
import { requireActive, type UserRow, type Users } from '../accounts/users.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import type { WorkflowOwner } from './begin-run.ts';

export interface RunnableModule {
  readonly module: InstalledModule;
  readonly user: UserRow;
  readonly rights: Rights;
  /** Of the file of workflows, below the package. */
  readonly entry: string;
}

/** HANABI-W028 where the module has none; P001 or P002 where it may not. */
export async function runnableModule(
  { registry, users }: { registry: ModuleRegistry; users: Users },
  { user_id, module_id }: WorkflowOwner,
): Promise<RunnableModule> {
  const module = registry.getInUse(module_id, user_id);
  const entry = module.manifest.entrypoints.workflow;
  if (!entry) throw new HanabiError('HANABI-W028', module.manifest.name);
  const user = await users.byId(user_id);
  requireActive(user);
  const rights = await registry.rights(module, user_id);
  requirePermission('worker.workflow', rights);
  return { module, user, rights, entry };
}

/** The same, of what goes on with more than that, which was granted before. */
export async function requireStillRunnable(
  parts: { registry: ModuleRegistry; users: Users },
  owner: WorkflowOwner,
  permissions: readonly Permission[],
): Promise<void> {
  const { rights } = await runnableModule(parts, owner);
  for (const permission of permissions) requirePermission(permission, rights);
}

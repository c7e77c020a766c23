/** Grants a permission to a module that is installed or published, or takes it away. */
import { isPermission, nearestPermission } from '@hanabi/protocol';
import { sayGrant } from '../admin/module-grants.ts';
import { Audit } from '../audit.ts';
import { tellChanged } from '../changes-signal.ts';
import { ConfigError } from '../config.ts';
import { ModuleRegistry } from '../modules/registry.ts';
import { tellServers } from '../storage/signals.ts';
import type { Opened } from './main.ts';
import { userNamed } from './user-named.ts';

export interface GrantOrder {
  module: string;
  permission: string;
  /** Name of the one user that it is for; undefined: for everybody. */
  user: string | undefined;
  revoke: boolean;
}

/** Returns the exit code. */
export async function grant({ config, db }: Opened, order: GrantOrder): Promise<number> {
  const { permission } = order;
  const registry = new ModuleRegistry(db, config, Object.keys(config.worker_tiers));
  await registry.load();
  const module = registry.allCurrent().find(({ id }) => id === order.module);
  if (!module) throw new ConfigError(`no module "${order.module}" is installed or published`);
  if (!isPermission(permission)) {
    const near = nearestPermission(permission);
    throw new ConfigError(`"${permission}" is not a permission${near ? `; did you mean "${near}"?` : ''}`);
  }
  const { name, permissions } = module.manifest;
  if (!permissions.includes(permission)) throw new ConfigError(`${name} does not ask for ${permission}`);
  const state = order.revoke ? 'denied' : 'granted';
  if (order.user === undefined) await sayGrant(db, registry, module.id, { permission, said: state });
  else await registry.setGrant(module, (await userNamed(db, order.user)).id, permission, state);
  const about = { module_id: module.id, module_version: module.version, permission };
  const whom = order.user ?? 'everybody';
  const detail = `${state}, for ${whom}`;
  await new Audit(db).record({ event: 'grant.set', actor: 'the command line', ...about, detail });
  await tellChanged(config.data_dir, 'grants');
  await tellServers(db, 'modules');
  console.log(`${permission} is ${state} to ${name} for ${whom}`);
  return 0;
}

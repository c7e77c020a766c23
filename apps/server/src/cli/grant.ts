/** Grants a permission to an installed module, or takes it away. */
import { isPermission, type Manifest, nearestPermission } from '@hanabi/protocol';
import { tellChanged } from '../changes-signal.ts';
import { ConfigError } from '../config.ts';
import { ModuleRegistry } from '../modules/registry.ts';
import { tellServers } from '../storage/signals.ts';
import type { Opened } from './main.ts';

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
  const row = await db.selectFrom('modules').selectAll().where('id', '=', order.module).executeTakeFirst();
  if (!row) throw new ConfigError(`no module "${order.module}" is installed`);
  if (!isPermission(permission)) {
    const near = nearestPermission(permission);
    throw new ConfigError(`"${permission}" is not a permission${near ? `; did you mean "${near}"?` : ''}`);
  }
  const { name, permissions } = JSON.parse(row.manifest) as Manifest;
  if (!permissions.includes(permission)) throw new ConfigError(`${name} does not ask for ${permission}`);
  const registry = new ModuleRegistry(db, config, Object.keys(config.worker_tiers));
  await registry.load();
  const state = order.revoke ? 'denied' : 'granted';
  await registry.setGrant(registry.get(row.id, ''), await userId(db, order.user), permission, state);
  await tellChanged(config.data_dir, 'grants');
  await tellServers(db, 'modules');
  console.log(`${permission} is ${state} to ${name} for ${order.user ?? 'everybody'}`);
  return 0;
}

async function userId(db: Opened['db'], name: string | undefined): Promise<string> {
  if (name === undefined) return '';
  const user = await db.selectFrom('users').select('id').where('name', '=', name).executeTakeFirst();
  if (!user) throw new ConfigError(`there is no user "${name}"`);
  return user.id;
}

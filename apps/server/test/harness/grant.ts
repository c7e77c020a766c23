import type { Permission } from '@hanabi/protocol';
import { type Db, now } from '../../src/storage/db.ts';

/** What an operator has said of permissions of modules, for everybody; to be used before a server opens the database. */
export async function grant(
  db: Db,
  modules: string | readonly string[],
  permissions: readonly Permission[],
  state: 'granted' | 'denied' = 'granted',
): Promise<void> {
  const rows = [modules]
    .flat()
    .flatMap((module_id) =>
      permissions.map((permission) => ({ module_id, user_id: '', permission, state, updated_at: now() })),
    );
  await db.insertInto('grants').values(rows).execute();
}

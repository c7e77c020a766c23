import type { AdminUser } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';

/** Every account, with what an administrator wants to see of it at a glance. */
export async function listUsers(db: Db): Promise<AdminUser[]> {
  const users = await db
    .selectFrom('users')
    .leftJoin('storage_used', 'storage_used.user_id', 'users.id')
    .leftJoin('totp', 'totp.user_id', 'users.id')
    .select([
      'users.id',
      'name',
      'role',
      'users.created_at',
      'disabled_at',
      'storage_limit_bytes',
      'used_bytes',
      'active',
    ])
    .orderBy('name_key')
    .execute();
  const sessions = await db
    .selectFrom('sessions')
    .select((e) => ['user_id', e.fn.countAll().as('count'), e.fn.max('seen_at').as('seen_at')])
    .groupBy('user_id')
    .execute();
  const ofUser = new Map(sessions.map((row) => [row.user_id, row]));
  return users.map(({ used_bytes, active, ...user }) => ({
    ...user,
    used_bytes: used_bytes ?? 0,
    totp: active === 1,
    sessions: Number(ofUser.get(user.id)?.count ?? 0),
    seen_at: ofUser.get(user.id)?.seen_at ?? null,
  }));
}

/** Keys with which a developer publishes from the command line. They open the upload and nothing else. */
import { HanabiError, LIMITS, type PublishKey } from '@hanabi/protocol';
import type { UserRow, Users } from '../accounts/users.ts';
import { newId, newSecret, secretHash } from '../ids.ts';
import { type Db, now } from '../storage/db.ts';

/** So that a key is recognised where it should not be, in a log or in a file. */
const PREFIX = 'hanabi_publish_';

export class PublishKeys {
  private readonly db: Db;
  private readonly users: Users;

  constructor(db: Db, users: Users) {
    this.db = db;
    this.users = users;
  }

  async list(userId: string): Promise<PublishKey[]> {
    return this.db
      .selectFrom('publish_keys')
      .select(['id', 'name', 'created_at', 'used_at'])
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .execute();
  }

  /** The key itself is told once. */
  async create(userId: string, name: string): Promise<PublishKey & { key: string }> {
    if ((await this.list(userId)).length >= LIMITS.publish_keys_max) {
      throw new HanabiError('HANABI-Q002', `at most ${LIMITS.publish_keys_max} keys`);
    }
    const key = PREFIX + newSecret();
    const row = { id: newId(), name, created_at: now(), used_at: null };
    await this.db
      .insertInto('publish_keys')
      .values({ ...row, user_id: userId, key_hash: secretHash(key) })
      .execute();
    return { ...row, key };
  }

  async remove(userId: string, id: string): Promise<void> {
    await this.db.deleteFrom('publish_keys').where('user_id', '=', userId).where('id', '=', id).execute();
  }

  /** Whose key it is; undefined for anything else. */
  async userOf(key: string): Promise<UserRow | undefined> {
    if (!key.startsWith(PREFIX)) return undefined;
    const row = await this.db
      .updateTable('publish_keys')
      .set({ used_at: now() })
      .where('key_hash', '=', secretHash(key))
      .returning('user_id')
      .executeTakeFirst();
    const user = row && (await this.users.byId(row.user_id));
    return user?.disabled_at === null ? user : undefined;
  }
}

/** What workflows said to users, until they have seen it: nobody need be there when it is said. */
import { LIMITS, type UnseenNotice } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import { type Db, now } from './db.ts';

export class Notices {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** The newest first. */
  unseen(user_id: string): Promise<UnseenNotice[]> {
    return this.db
      .selectFrom('notices')
      .select(['id', 'module_id', 'title', 'message', 'tone', 'created_at'])
      .where('user_id', '=', user_id)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(LIMITS.notifications_unseen_max)
      .execute();
  }

  async add(user_id: string, said: Pick<UnseenNotice, 'module_id' | 'title' | 'message' | 'tone'>): Promise<void> {
    await this.db
      .insertInto('notices')
      .values({ id: newId(), user_id, ...said, created_at: now() })
      .execute();
    const kept = (await this.unseen(user_id)).map(({ id }) => id);
    if (kept.length < LIMITS.notifications_unseen_max) return;
    await this.db.deleteFrom('notices').where('user_id', '=', user_id).where('id', 'not in', kept).execute();
  }

  async seen(user_id: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.db.deleteFrom('notices').where('user_id', '=', user_id).where('id', 'in', ids).execute();
  }
}

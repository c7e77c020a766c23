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
    return this.newestFirst(user_id)
      .select(['id', 'module_id', 'title', 'message', 'tone', 'created_at'])
      .limit(LIMITS.notifications_unseen_max)
      .execute();
  }

  async add(user_id: string, said: Pick<UnseenNotice, 'module_id' | 'title' | 'message' | 'tone'>): Promise<void> {
    await this.db
      .insertInto('notices')
      .values({ id: newId(), user_id, ...said, created_at: now() })
      .execute();
    // By name: what is said at the same moment is not among them.
    const { notifications_unseen_max: most } = LIMITS;
    const old = await this.newestFirst(user_id).select('id').limit(most).offset(most).execute();
    await this.seen(
      user_id,
      old.map(({ id }) => id),
    );
  }

  async seen(user_id: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.db.deleteFrom('notices').where('user_id', '=', user_id).where('id', 'in', ids).execute();
  }

  private newestFirst(user_id: string) {
    return this.db
      .selectFrom('notices')
      .where('user_id', '=', user_id)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc');
  }
}

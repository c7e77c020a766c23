/** What is said to a user is kept until it was seen, and no more of it than a person would read. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import { Notices } from '../src/storage/notices.ts';
import { dropDatabase, openDb } from './harness/engine.ts';

it('keeps the newest, and those of one user from another', async () => {
  const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-notices-'));
  const db = await openDb(data_dir);
  try {
    const users = new Users(db, new FileTree(db));
    const [ada, ben] = [await users.create('ada', 'ada’s secret', 'user'), await users.create('ben', 'secret', 'user')];
    const notices = new Notices(db);
    const say = (user: { id: string }, message: string) =>
      notices.add(user.id, { module_id: 'm', title: '', message, tone: 'info' });
    await say(ben, 'to Ben');
    for (let number = 0; number < LIMITS.notifications_unseen_max + 3; number += 1) await say(ada, String(number));
    const kept = await notices.unseen(ada.id);
    expect(kept).toHaveLength(LIMITS.notifications_unseen_max);
    expect(kept.map(({ created_at }) => created_at)).toEqual(
      kept
        .map((notice) => notice.created_at)
        .toSorted()
        .toReversed(),
    );
    const all = await db.selectFrom('notices').select('id').where('user_id', '=', ada.id).execute();
    expect(all).toHaveLength(LIMITS.notifications_unseen_max);
    await notices.seen(
      ada.id,
      [...kept, ...(await notices.unseen(ben.id))].map(({ id }) => id),
    );
    expect(await notices.unseen(ada.id)).toEqual([]);
    expect(await notices.unseen(ben.id)).toMatchObject([{ message: 'to Ben' }]);
  } finally {
    await db.destroy();
    await dropDatabase(data_dir);
    await rm(data_dir, { recursive: true, force: true });
  }
});

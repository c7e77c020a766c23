/** Schedules that a restore has paused go on, each from now. A running server sees them within seconds. */
import type { Trigger } from '@hanabi/protocol';
import { ConfigError } from '../config.ts';
import { nextRun } from '../schedules/triggers.ts';
import type { Db } from '../storage/db.ts';
import { PAUSED } from './backup-format.ts';

/** Returns how many there were. */
export async function resumePaused(db: Db, userName: string | undefined): Promise<number> {
  let query = db
    .selectFrom('schedules')
    .select(['id', 'trigger'])
    .where('enabled', '=', 0)
    .where('error_code', '=', PAUSED);
  if (userName !== undefined) {
    const user = await db.selectFrom('users').select('id').where('name', '=', userName).executeTakeFirst();
    if (!user) throw new ConfigError(`there is no user "${userName}"`);
    query = query.where('user_id', '=', user.id);
  }
  const paused = await query.execute();
  for (const { id, trigger } of paused) {
    await db
      .updateTable('schedules')
      .set({
        enabled: 1,
        next_run_ms: nextRun(JSON.parse(trigger) as Trigger, Date.now()),
        error_code: null,
        error_message: null,
      })
      .where('id', '=', id)
      .where('error_code', '=', PAUSED)
      .execute();
  }
  return paused.length;
}

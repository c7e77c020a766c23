import {
  type ChangePreferences,
  DEFAULT_PREFERENCES,
  HanabiError,
  LIMITS,
  type PreferenceName,
  Preferences as Shape,
  type Preferences as Values,
} from '@hanabi/protocol';
import { type Db, now } from './db.ts';
import type { Reader } from './rows.ts';
import { alone, inTransaction } from './transaction.ts';

/** How each person likes their desktop. */
export class Preferences {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  of(userId: string): Promise<Values> {
    return read(this.db, userId);
  }

  /** What is not named stays. Answers all of them as they are now. */
  change(userId: string, changes: ChangePreferences): Promise<Values> {
    for (const value of Object.values(changes)) requireFew(value);
    return inTransaction(this.db, async (db) => {
      await alone(db, 'preferences', userId);
      const values = { ...(await read(db, userId)), ...changes };
      const stored = { value: JSON.stringify(values), updated_at: now() };
      await db
        .insertInto('preferences')
        .values({ user_id: userId, ...stored })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(stored))
        .execute();
      return values;
    });
  }
}

/** What another version of the server stored and this one does not know is as if it were not there. */
async function read(db: Reader, userId: string): Promise<Values> {
  const row = await db.selectFrom('preferences').select('value').where('user_id', '=', userId).executeTakeFirst();
  const stored = row ? (JSON.parse(row.value) as Record<string, unknown>) : {};
  const names = Object.keys(DEFAULT_PREFERENCES) as PreferenceName[];
  const known = names.flatMap((name) => {
    const { success, data } = Shape.shape[name].safeParse(stored[name]);
    return success ? [[name, data] as const] : [];
  });
  return { ...DEFAULT_PREFERENCES, ...(Object.fromEntries(known) as Partial<Values>) };
}

/** JSON Schema bounds lists; how many names a record may have is counted here. */
function requireFew(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const most = LIMITS.preference_entries_max;
  if (Object.keys(value).length > most) throw new HanabiError('HANABI-V008', `more than ${most} entries`);
}

import { HanabiError, LIMITS, utf8Bytes } from '@hanabi/protocol';
import { type Db, now } from './db.ts';

/** JSON values that a module keeps for a user. */
export class Settings {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** The stored value, or null. */
  async get(userId: string, moduleId: string, key: string): Promise<unknown> {
    const row = await this.db
      .selectFrom('settings')
      .select('value')
      .where('user_id', '=', userId)
      .where('module_id', '=', moduleId)
      .where('key', '=', key)
      .executeTakeFirst();
    return row ? (JSON.parse(row.value) as unknown) : null;
  }

  /** Stores a value of at most 256 KiB of JSON (HANABI-Q001 beyond); null removes it. */
  async set(userId: string, moduleId: string, key: string, value: unknown): Promise<void> {
    if (value === null) {
      await this.db
        .deleteFrom('settings')
        .where('user_id', '=', userId)
        .where('module_id', '=', moduleId)
        .where('key', '=', key)
        .execute();
      return;
    }
    const text = JSON.stringify(value);
    if (utf8Bytes(text) > LIMITS.setting_value_bytes_max) {
      throw new HanabiError('HANABI-Q001', `"${key}" takes more than ${LIMITS.setting_value_bytes_max} bytes`);
    }
    const change = { value: text, updated_at: now() };
    await this.db
      .insertInto('settings')
      .values({ user_id: userId, module_id: moduleId, key, ...change })
      .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'key']).doUpdateSet(change))
      .execute();
  }

  /** Everything that a module keeps for a user, by key. */
  async all(userId: string, moduleId: string): Promise<Record<string, unknown>> {
    const rows = await this.db
      .selectFrom('settings')
      .select(['key', 'value'])
      .where('user_id', '=', userId)
      .where('module_id', '=', moduleId)
      .orderBy('key')
      .execute();
    // fromEntries defines, so a key of "__proto__" is a key like any other.
    return Object.fromEntries(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
  }

  /** How many values each module keeps for a user. */
  async counts(userId: string): Promise<Map<string, number>> {
    const rows = await this.db
      .selectFrom('settings')
      .select((e) => ['module_id', e.fn.countAll().as('count')])
      .where('user_id', '=', userId)
      .groupBy('module_id')
      .execute();
    return new Map(rows.map(({ module_id, count }) => [module_id, Number(count)]));
  }

  async deleteAll(userId: string, moduleId: string): Promise<void> {
    await this.db.deleteFrom('settings').where('user_id', '=', userId).where('module_id', '=', moduleId).execute();
  }
}

import type { Db } from './db.ts';

/** Which module opens files of which extension, where a user has chosen one. */
export class Associations {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Extension to module; modules that are no longer installed are left out, but not forgotten. */
  async of(userId: string): Promise<Record<string, string>> {
    const rows = await this.db
      .selectFrom('associations')
      .innerJoin('modules', 'modules.id', 'associations.module_id')
      .select(['extension', 'module_id'])
      .where('user_id', '=', userId)
      .orderBy('extension')
      .execute();
    return Object.fromEntries(rows.map(({ extension, module_id }) => [extension, module_id]));
  }

  /** null: back to what the desktop would choose. */
  async set(userId: string, extension: string, moduleId: string | null): Promise<void> {
    if (moduleId === null) {
      await this.db
        .deleteFrom('associations')
        .where('user_id', '=', userId)
        .where('extension', '=', extension)
        .execute();
      return;
    }
    await this.db
      .insertInto('associations')
      .values({ user_id: userId, extension, module_id: moduleId })
      .onConflict((conflict) => conflict.columns(['user_id', 'extension']).doUpdateSet({ module_id: moduleId }))
      .execute();
  }
}

import type { Kysely, Migration } from 'kysely';

/** Bounds of what an administrator allowed a module of the house, and the sum of what a module moved over the network. */
export const quotas: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('modules')
      .addColumn('quota', 'text', (c) => c.notNull().defaultTo('{}'))
      .execute();
    await db.schema.createIndex('fetch_audit_day').on('fetch_audit').columns(['module_id', 'user_id', 'at']).execute();
  },
};

import type { Kysely, Migration } from 'kysely';

/** What people say to the permissions of modules, apart from what an operator grants; and when they were last used. */
export const decisions: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, column] of [
      ['decisions', 'decision'],
      ['permission_uses', 'used_at'],
    ] as const) {
      await db.schema
        .createTable(table)
        .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
        .addColumn('module_id', 'text', (c) => c.notNull())
        .addColumn('permission', 'text', (c) => c.notNull())
        .addColumn(column, 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint(`${table}_key`, ['user_id', 'module_id', 'permission'])
        .execute();
    }
  },
};

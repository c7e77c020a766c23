import type { Kysely, Migration } from 'kysely';

/** Credentials of users for services elsewhere, the modules that may use them, and what was spent with them. */
export const connections: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('connections')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('key_id', 'text', (c) => c.notNull())
      .addColumn('sealed', 'text', (c) => c.notNull())
      .addColumn('shown', 'text', (c) => c.notNull())
      .addColumn('currency', 'text')
      .addColumn('order_max_micro', 'bigint')
      .addColumn('day_max_micro', 'bigint')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('used_at', 'text')
      .execute();
    await db.schema.createIndex('connections_user').on('connections').column('user_id').execute();
    await db.schema
      .createTable('connection_links')
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('connection_id', 'text', (c) => c.notNull().references('connections.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('connection_links_key', ['user_id', 'module_id', 'kind'])
      .execute();
    await db.schema.createIndex('connection_links_connection').on('connection_links').column('connection_id').execute();
    await db.schema
      .createTable('connection_spendings')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('connection_id', 'text', (c) => c.notNull().references('connections.id').onDelete('cascade'))
      .addColumn('day', 'text', (c) => c.notNull())
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('symbol', 'text', (c) => c.notNull())
      .addColumn('amount_micro', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('connection_spendings_day')
      .on('connection_spendings')
      .columns(['connection_id', 'day'])
      .execute();
  },
};

import type { Kysely, Migration } from 'kysely';

/** The processes that work on this database, and when each was last heard of. */
export const servers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('servers')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('places', 'integer', (c) => c.notNull())
      .addColumn('seen_ms', 'bigint', (c) => c.notNull())
      .execute();
  },
};

import { type Kysely, type Migration, sql } from 'kysely';

/** Activities that wait for a place or for somebody from outside: how long they may, and what kind they are. */
export const activityTimeOuts: Migration = {
  async up(db: Kysely<unknown>) {
    const add = (name: string, type: 'text' | 'bigint') =>
      db.schema.alterTable('workflow_activities').addColumn(name, type).execute();
    const addFlag = (name: string, standard: 0 | 1) =>
      db.schema
        .alterTable('workflow_activities')
        .addColumn(name, 'integer', (c) => c.notNull().defaultTo(standard))
        .execute();
    await addFlag('is_sealed', 1);
    await addFlag('is_open', 0);
    await add('late_ms', 'bigint');
    await add('late_kind', 'text');
    await sql`create index workflow_activities_late on workflow_activities (late_ms) where late_ms is not null`.execute(
      db,
    );
  },
};

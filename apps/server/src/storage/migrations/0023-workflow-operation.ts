import type { Kysely, Migration } from 'kysely';

/** What people find workflows by, those that wait since a restore, those that come again, and what the command line asks. */
export const workflowOperation: Migration = {
  async up(db: Kysely<unknown>) {
    const runs = () => db.schema.alterTable('workflow_runs');
    await runs()
      .addColumn('paused', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await runs().addColumn('cron', 'text').execute();
    const ofRun = (name: string) =>
      db.schema
        .createTable(name)
        .addColumn('run_id', 'text', (c) => c.notNull().references('workflow_runs.run_id').onDelete('cascade'));
    await ofRun('workflow_attributes')
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('place', 'integer', (c) => c.notNull())
      .addColumn('text_value', 'text')
      .addColumn('number_value', 'double precision')
      .addPrimaryKeyConstraint('workflow_attributes_key', ['run_id', 'name', 'kind', 'place'])
      .execute();
    await ofRun('workflow_queries')
      .addColumn('query_id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('args', 'text', (c) => c.notNull())
      .addColumn('asked_ms', 'bigint', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('answer', 'text')
      .execute();
  },
};

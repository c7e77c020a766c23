import { type Kysely, type Migration, sql } from 'kysely';

/** Jobs that outlive the page: leases, attempts, and what they are to work on. */
export const jobQueue: Migration = {
  async up(db: Kysely<unknown>) {
    const jobs = () => db.schema.alterTable('jobs');
    await jobs()
      .addColumn('kind', 'text', (c) => c.notNull().defaultTo('call'))
      .execute();
    for (const name of ['priority', 'attempts', 'fence']) {
      await jobs()
        .addColumn(name, 'integer', (c) => c.notNull().defaultTo(0))
        .execute();
    }
    await jobs()
      .addColumn('attempts_max', 'integer', (c) => c.notNull().defaultTo(1))
      .execute();
    await jobs().addColumn('schedule_id', 'text').execute();
    await jobs().addColumn('lease_owner', 'text').execute();
    await jobs().addColumn('lease_expires_ms', 'bigint').execute();
    await sql`create index jobs_open on jobs (state, seq) where state in ('queued', 'running')`.execute(db);
    await db.schema
      .createTable('job_inputs')
      .addColumn('job_id', 'text', (c) => c.notNull().references('jobs.id').onDelete('cascade'))
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('sha256', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('job_inputs_key', ['job_id', 'position'])
      .execute();
    await db.schema.createIndex('job_inputs_content').on('job_inputs').column('sha256').execute();
  },
};

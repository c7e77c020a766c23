import type { Kysely, Migration } from 'kysely';

export const schedules: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('schedules')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('trigger', 'text', (c) => c.notNull())
      .addColumn('interval_ms', 'bigint')
      .addColumn('options', 'text', (c) => c.notNull())
      .addColumn('input_ids', 'text', (c) => c.notNull())
      .addColumn('enabled', 'integer', (c) => c.notNull())
      .addColumn('next_run_ms', 'bigint')
      .addColumn('last_run_at', 'text')
      .addColumn('last_job_id', 'text')
      .addColumn('error_code', 'text')
      .addColumn('error_message', 'text')
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('schedules_owner').on('schedules').columns(['user_id', 'module_id']).execute();
    await db.schema.createIndex('schedules_due').on('schedules').columns(['enabled', 'next_run_ms']).execute();
    await db.schema.createIndex('jobs_schedule').on('jobs').column('schedule_id').execute();
  },
};

import { type Kysely, type Migration, sql } from 'kysely';

/** Runs of durable workflows: their histories, and what each waits for. */
export const workflows: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('workflow_runs')
      .addColumn('run_id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('workflow_id', 'text', (c) => c.notNull())
      .addColumn('workflow_type', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('parent_run_id', 'text')
      .addColumn('parent_event_id', 'integer')
      .addColumn('first_run_id', 'text', (c) => c.notNull())
      .addColumn('events', 'integer', (c) => c.notNull())
      .addColumn('size_bytes', 'bigint', (c) => c.notNull().defaultTo(0))
      .addColumn('started_ms', 'bigint', (c) => c.notNull())
      .addColumn('closed_ms', 'bigint')
      .addColumn('deadline_ms', 'bigint')
      .addColumn('wake_ms', 'bigint')
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('failure', 'text')
      .addColumn('outcome', 'text')
      .addColumn('lease_owner', 'text')
      .addColumn('lease_expires_ms', 'bigint')
      .addColumn('fence', 'integer', (c) => c.notNull())
      .execute();
    const index = (name: string, table: string, columns: string[]) =>
      db.schema.createIndex(name).on(table).columns(columns).execute();
    await sql`
      create unique index workflow_runs_open on workflow_runs (user_id, module_id, workflow_id) where status = 'RUNNING'
    `.execute(db);
    await index('workflow_runs_owner', 'workflow_runs', ['user_id', 'module_id', 'workflow_id', 'started_ms']);
    await index('workflow_runs_parent', 'workflow_runs', ['parent_run_id']);
    await index('workflow_runs_chain', 'workflow_runs', ['first_run_id']);
    for (const due of ['wake_ms', 'deadline_ms', 'closed_ms']) {
      await sql`
        create index ${sql.id(`workflow_runs_${due}`)} on workflow_runs (${sql.id(due)}) where ${sql.id(due)} is not null
      `.execute(db);
    }

    const table = (name: string) =>
      db.schema
        .createTable(name)
        .addColumn('run_id', 'text', (c) => c.notNull().references('workflow_runs.run_id').onDelete('cascade'));
    await table('workflow_events')
      .addColumn('event_id', 'integer', (c) => c.notNull())
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('attributes', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('workflow_events_key', ['run_id', 'event_id'])
      .execute();
    await table('workflow_inbox')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at_ms', 'bigint', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('attributes', 'text', (c) => c.notNull())
      .addColumn('about_event_id', 'integer')
      .execute();
    await index('workflow_inbox_run', 'workflow_inbox', ['run_id', 'seq']);
    await table('workflow_signals')
      .addColumn('signal_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('workflow_signals_key', ['run_id', 'signal_id'])
      .execute();
    await table('workflow_updates')
      .addColumn('update_id', 'text', (c) => c.notNull())
      .addColumn('request', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text')
      .addPrimaryKeyConstraint('workflow_updates_key', ['run_id', 'update_id'])
      .execute();
    await table('workflow_timers')
      .addColumn('event_id', 'integer', (c) => c.notNull())
      .addColumn('due_ms', 'bigint', (c) => c.notNull())
      .addColumn('timer_id', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('workflow_timers_key', ['run_id', 'event_id'])
      .execute();
    await index('workflow_timers_due', 'workflow_timers', ['due_ms']);
    await table('workflow_activities')
      .addColumn('event_id', 'integer', (c) => c.notNull())
      .addColumn('attempt', 'integer', (c) => c.notNull())
      .addColumn('due_ms', 'bigint', (c) => c.notNull())
      .addColumn('deadline_ms', 'bigint')
      .addColumn('started_ms', 'bigint')
      .addColumn('heartbeat', 'text', (c) => c.notNull())
      .addColumn('failure', 'text')
      .addColumn('cancel_requested', 'integer', (c) => c.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_expires_ms', 'bigint')
      .addPrimaryKeyConstraint('workflow_activities_key', ['run_id', 'event_id'])
      .execute();
    await index('workflow_activities_due', 'workflow_activities', ['due_ms']);
  },
};

import type { Kysely, Migration } from 'kysely';

/** Programs that users keep running, with what each keeps, says and shows. */
export const services: Migration = {
  async up(db: Kysely<unknown>) {
    const table = (name: string) =>
      db.schema
        .createTable(name)
        .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
        .addColumn('module_id', 'text', (c) => c.notNull());
    await table('services')
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('lease_owner', 'text')
      .addColumn('lease_expires_ms', 'bigint')
      .addColumn('started_ms', 'bigint')
      .addColumn('next_tick_ms', 'bigint')
      .addColumn('restart_ms', 'bigint')
      .addColumn('ticks', 'bigint', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('last_tick_ms', 'bigint')
      .addColumn('last_took_ms', 'real')
      .addColumn('error_code', 'text')
      .addColumn('error_message', 'text')
      .addColumn('error_at_ms', 'bigint')
      .addColumn('cpu_ms', 'real')
      .addColumn('memory_bytes_peak', 'bigint')
      .addPrimaryKeyConstraint('services_key', ['user_id', 'module_id'])
      .execute();
    await db.schema.createIndex('services_state').on('services').column('state').execute();
    await table('service_state')
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('size_bytes', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('service_state_key', ['user_id', 'module_id', 'key'])
      .execute();
    await table('service_log')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('level', 'text', (c) => c.notNull())
      .addColumn('message', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('service_log_owner')
      .on('service_log')
      .columns(['user_id', 'module_id', 'seq'])
      .execute();
    await table('service_monitor')
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('updated_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('service_monitor_key', ['user_id', 'module_id', 'name'])
      .execute();
  },
};

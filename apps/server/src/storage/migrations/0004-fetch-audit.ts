import { type Kysely, type Migration, sql } from 'kysely';
import { isSqlite } from '../clock.ts';

/**
 * Who reached what through ctx.fetch. Rows are only ever added: they outlive the user, the module and the job, so
 * nothing here refers to another table, and the database itself refuses to change or delete them.
 */
export const fetchAudit: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('fetch_audit')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('user_id', 'text', (c) => c.notNull())
      .addColumn('module_id', 'text', (c) => c.notNull())
      .addColumn('module_version', 'text', (c) => c.notNull())
      .addColumn('job_id', 'text', (c) => c.notNull())
      .addColumn('method', 'text', (c) => c.notNull())
      .addColumn('origin', 'text', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('status', 'integer')
      .addColumn('error_code', 'text')
      .addColumn('requests', 'integer', (c) => c.notNull())
      .addColumn('sent_bytes', 'bigint', (c) => c.notNull())
      .addColumn('received_bytes', 'bigint', (c) => c.notNull())
      .addColumn('wall_ms', 'integer', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('fetch_audit_module').on('fetch_audit').columns(['module_id', 'seq']).execute();
    await db.schema.createIndex('fetch_audit_user').on('fetch_audit').columns(['user_id', 'seq']).execute();
    await refuseChanges(db);
  },
};

async function refuseChanges(db: Kysely<unknown>): Promise<void> {
  const why = 'the audit only grows';
  if (!isSqlite(db)) {
    await sql`
      create function fetch_audit_only_grows() returns trigger language plpgsql as
      $$ begin raise exception ${sql.lit(why)}; end $$
    `.execute(db);
    // A statement of its own that empties a table; SQLite has none.
    await sql`
      create trigger fetch_audit_no_change before update or delete or truncate on fetch_audit
      for each statement execute function fetch_audit_only_grows()
    `.execute(db);
    return;
  }
  for (const change of ['update', 'delete']) {
    await sql`
      create trigger ${sql.id(`fetch_audit_no_${change}`)} before ${sql.raw(change)} on fetch_audit
      begin select raise(abort, ${sql.lit(why)}); end
    `.execute(db);
  }
}

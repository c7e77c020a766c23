import { type Kysely, sql } from 'kysely';
import { isSqlite } from '../clock.ts';

/** From now on the database itself refuses to change or delete a row of the table. */
export async function appendOnly(db: Kysely<unknown>, table: string): Promise<void> {
  const why = sql.lit('the audit only grows');
  if (isSqlite(db)) {
    for (const change of ['update', 'delete']) {
      const name = sql.id(`${table}_no_${change}`);
      await sql`
        create trigger ${name} before ${sql.raw(change)} on ${sql.table(table)} begin select raise(abort, ${why}); end
      `.execute(db);
    }
    return;
  }
  const refuse = sql.id(`${table}_only_grows`);
  await sql`
    create function ${refuse}() returns trigger language plpgsql as $$ begin raise exception ${why}; end $$
  `.execute(db);
  // A statement of its own that empties a table; SQLite has none.
  await sql`
    create trigger ${sql.id(`${table}_no_change`)} before update or delete or truncate on ${sql.table(table)}
    for each statement execute function ${refuse}()
  `.execute(db);
}

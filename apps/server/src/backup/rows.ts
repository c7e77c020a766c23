/** All rows of a table, from the database as it was at one moment and into an empty one, on either engine. */
import { sql } from 'kysely';
import { isSqlite } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';
import type { Change, Reader } from '../storage/rows.ts';

export interface TableShape {
  name: string;
  columns: string[];
}

export type Value = string | number | null;

const ROWS_AT_ONCE = 500;
/** SQLite takes 32,766 values in one statement, PostgreSQL twice as many. */
const VALUES_MAX = 30_000;

/** Reads see the database as it is now, however long it takes and whatever others write meanwhile. */
export function atOneMoment<T>(db: Db, work: (reader: Change) => Promise<T>): Promise<T> {
  // With SQLite each transaction that only reads is that.
  if (isSqlite(db)) return db.transaction().execute(work);
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work);
}

/** In the order of their names, without those of the migrations. */
export async function tablesOf(db: Reader): Promise<TableShape[]> {
  const tables = await db.introspection.getTables();
  return tables
    .map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

export async function countRows(db: Reader, name: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db);
  return rows[0]!.count;
}

export async function* readRows(db: Change, { name, columns }: TableShape): AsyncGenerator<Value[][], void, void> {
  const batches = isSqlite(db) ? readSqlite(db, name) : readPostgres(db, name);
  for await (const rows of batches) yield rows.map((row) => columns.map((column) => row[column]!));
}

type Row = Record<string, Value>;

async function* readSqlite(db: Change, name: string): AsyncGenerator<Row[], void, void> {
  let after = 0;
  for (;;) {
    const { rows } = await sql<Row & { backup_rowid: number }>`
      select *, rowid as backup_rowid from ${sql.table(name)} where rowid > ${after} order by rowid limit ${ROWS_AT_ONCE}
    `.execute(db);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)!.backup_rowid;
  }
}

async function* readPostgres(db: Change, name: string): AsyncGenerator<Row[], void, void> {
  await sql`declare backup_rows no scroll cursor for select * from ${sql.table(name)}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(ROWS_AT_ONCE)} from backup_rows`.execute(db);
    if (rows.length === 0) break;
    yield rows;
  }
  await sql`close backup_rows`.execute(db);
}

/** Runs `work`, which may write rows in any order, and sees at the end that all that they refer to is there. */
export async function withoutOrder(db: Change, work: () => Promise<void>): Promise<void> {
  if (isSqlite(db)) {
    await sql`pragma defer_foreign_keys = on`.execute(db);
    await work();
    return;
  }
  const { rows } = await sql<{ table: string; name: string; definition: string }>`
    select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace
  `.execute(db);
  for (const { table, name } of rows) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(name)}`.execute(db);
  }
  await work();
  for (const { table, name, definition } of rows) {
    await sql`alter table ${sql.table(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(db);
  }
}

export async function writeRows(db: Change, { name, columns }: TableShape, rows: readonly Value[][]): Promise<void> {
  const count = Math.max(1, Math.floor(VALUES_MAX / columns.length));
  const names = sql.join(columns.map((column) => sql.id(column)));
  for (let from = 0; from < rows.length; from += count) {
    const tuples = rows.slice(from, from + count).map((row) => sql`(${sql.join(row)})`);
    await sql`insert into ${sql.table(name)} (${names}) values ${sql.join(tuples)}`.execute(db);
  }
}

/** The next numbers come after those that were written; SQLite sees to that by itself. */
export async function advanceNumbers(db: Change, { name, columns }: TableShape): Promise<void> {
  if (isSqlite(db) || !columns.includes('seq')) return;
  await sql`
    select setval(pg_get_serial_sequence(${name}, 'seq'), (select coalesce(max(seq), 0) + 1 from ${sql.table(name)}), false)
  `.execute(db);
}

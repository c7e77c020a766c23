import { sql } from 'kysely';
import { readRows, tablesOf } from '../../src/backup/rows.ts';
import type { Db } from '../../src/storage/db.ts';

/** All rows of all tables, in an order that is the same on every engine. */
export async function dumpOf(db: Db, without: readonly string[] = []): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {};
  await db.transaction().execute(async (reader) => {
    for (const table of await tablesOf(reader)) {
      if (without.includes(table.name)) continue;
      const columns = table.columns.toSorted();
      const rows: string[] = [];
      for await (const batch of readRows(reader, { ...table, columns }))
        rows.push(...batch.map((row) => JSON.stringify(row)));
      dump[table.name] = rows.sort();
    }
    await sql`select 1`.execute(reader);
  });
  return dump;
}

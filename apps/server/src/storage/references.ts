/** Everything in the database that says: this content is needed. Whoever adds a table that does, adds it here. */
import { sql } from 'kysely';
import type { Reader } from './rows.ts';

export async function isReferenced(db: Reader, sha256: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 where exists (select 1 from files where sha256 = ${sha256})
      or exists (select 1 from thumbnails where sha256 = ${sha256})
      or exists (select 1 from job_inputs where sha256 = ${sha256})
      or exists (select 1 from uploads where sha256 = ${sha256} and file_id is null)
  `.execute(db);
  return rows.length > 0;
}

/** All contents that are needed, each once and in the order of their hashes, a page at a time. */
export async function* referencedBlobs(
  db: Reader,
): AsyncGenerator<{ sha256: string; size_bytes: number | null }, void, void> {
  let after = '';
  for (;;) {
    const { rows } = await sql<{ sha256: string; size_bytes: number | null }>`
      select sha256, max(size_bytes) as size_bytes from (
        select sha256, size_bytes from files where sha256 > ${after}
        union all
        select sha256, size_bytes from thumbnails where sha256 > ${after}
        union all
        select sha256, null as size_bytes from job_inputs where sha256 > ${after}
      ) as needed group by sha256 order by sha256 limit 1000
    `.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.sha256;
  }
}

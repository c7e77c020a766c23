/** Documents in the order of their last writing, the newest first, as many as an answer holds. */
import { LIMITS } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import type { Db } from '../db.ts';
import type { Tables } from '../schema.ts';

export type DataRow = Selectable<Tables['data_documents']>;

export interface Gathered {
  rows: DataRow[];
  /** There are more than these. */
  more: boolean;
}

/** So many at a time at most, because each may be large. */
const ROWS_AT_ONCE = 64;

/** For an answer of so many: one more tells whether there are more. */
export function rowsAtOnce(limit: number): number {
  return Math.min(ROWS_AT_ONCE, limit + 1);
}

/** Takes rows until the answer has enough of them, or enough bytes; a first one is always taken. */
export async function gather(batches: AsyncIterable<DataRow[]>, limit: number): Promise<Gathered> {
  const rows: DataRow[] = [];
  let bytes = 0;
  for await (const batch of batches) {
    for (const row of batch) {
      bytes += row.size_bytes;
      const full = rows.length === limit || (rows.length > 0 && bytes > LIMITS.data_page_bytes_max);
      if (full) return { rows, more: true };
      rows.push(row);
    }
  }
  return { rows, more: false };
}

/** All documents of a collection, from an offset or below a seq. */
export async function* newestFirst(
  db: Db,
  collectionSeq: number,
  from: { limit: number; offset: number; after?: number | undefined },
): AsyncGenerator<DataRow[], void, void> {
  let below = from.after ?? Number.MAX_SAFE_INTEGER;
  let offset = from.offset;
  const count = rowsAtOnce(from.limit);
  for (;;) {
    const batch = await db
      .selectFrom('data_documents')
      .selectAll()
      .where('collection_seq', '=', collectionSeq)
      .where('seq', '<', below)
      .orderBy('seq', 'desc')
      .limit(count)
      .offset(offset)
      .execute();
    yield batch;
    if (batch.length < count) return;
    below = batch.at(-1)!.seq;
    offset = 0;
  }
}

/** Documents as the outside sees them. */
import type { DataDocument, DataPage } from '@hanabi/protocol';
import type { DataOwner } from './data-quota.ts';
import type { DataStore } from './data-store.ts';
import type { DataRow } from './read-documents.ts';

export function toDocument({ id, version, created_at, updated_at, data }: DataRow): DataDocument {
  return { id, version, created_at, updated_at, data };
}

export interface PageWish {
  collection: string;
  limit: number;
  offset?: number | undefined;
  /** The `next` of the page before; it wins over an offset. */
  after?: string | undefined;
}

export async function dataPage(store: DataStore, owner: DataOwner, wish: PageWish): Promise<DataPage> {
  const after = wish.after === undefined ? undefined : Number(wish.after);
  const offset = after === undefined ? (wish.offset ?? 0) : 0;
  const { total, rows, more } = await store.list(owner, wish.collection, { limit: wish.limit, offset, after });
  return {
    total,
    limit: more ? rows.length : wish.limit,
    offset,
    docs: rows.map(toDocument),
    next: more ? String(rows.at(-1)!.seq) : null,
  };
}

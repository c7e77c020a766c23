/**
 * Equality on top-level fields, from the index of terms alone: a term leads to its documents, the newest first, so that
 * what a query costs follows from what it finds and not from what there is. With several values the rarest one leads.
 */
import { LIMITS } from '@hanabi/protocol';
import type { Db } from '../db.ts';
import { Prepared } from '../prepared.ts';
import { type DataRow, type Gathered, gather, rowsAtOnce } from './read-documents.ts';
import { matches, type Scalar, termOf } from './terms.ts';

type Condition = [field: string, value: Scalar];

/** Counting a term ends here: of two that are both more frequent, either will do. */
const COUNTED_MAX = 2000;
/** Documents of the leading term that are compared with the others at a time. */
const WALKED_AT_ONCE = 1000;

export class DocumentQueries {
  private readonly db: Db;
  private readonly withTerm: Prepared<{ term: number; below: number; count: number }, { document_seq: number }>;

  constructor(db: Db) {
    this.db = db;
    this.withTerm = new Prepared(db, (q, { term, below, count }) =>
      q
        .selectFrom('data_terms')
        .select('document_seq')
        .where('term', '=', term)
        .where('document_seq', '<', below)
        .orderBy('document_seq', 'desc')
        .limit(count),
    );
  }

  /** The documents that have all of these values. `more`: there are more, or may be. */
  async find(collectionSeq: number, where: readonly Condition[], limit: number): Promise<Gathered> {
    const terms = where.map(([field, value]) => termOf(collectionSeq, field, value));
    const count = rowsAtOnce(limit);
    const walk = { cut: false };
    const candidates = this.candidates(terms, count, walk);
    const found = await gather(documentsOf(this.db, collectionSeq, where, candidates, count), limit);
    return { rows: found.rows, more: found.more || walk.cut };
  }

  /** Documents that have all of the terms, in batches, the newest first. `walk.cut` says that it stopped at its bound. */
  private async *candidates(terms: readonly number[], count: number, walk: { cut: boolean }) {
    const [leading, ...others] = await rarestFirst(this.db, terms);
    const wanted = others.length > 0 ? WALKED_AT_ONCE : count;
    let below = Number.MAX_SAFE_INTEGER;
    let walked = 0;
    for (;;) {
      const rows = await this.withTerm.all(this.db, { term: leading!, below, count: wanted });
      if (rows.length === 0) return;
      if (others.length > 0 && walked >= LIMITS.data_query_walk_max) {
        walk.cut = true;
        return;
      }
      const seqs = rows.map((row) => row.document_seq);
      walked += seqs.length;
      below = seqs.at(-1)!;
      let common = seqs;
      for (const other of others) if (common.length > 0) common = await alsoWith(this.db, leading!, other, common);
      yield common;
      if (rows.length < wanted) return;
    }
  }
}

/** The documents behind the candidates, without those that only share the bits of a term. */
async function* documentsOf(
  db: Db,
  collectionSeq: number,
  where: readonly Condition[],
  batches: AsyncIterable<number[]>,
  count: number,
): AsyncGenerator<DataRow[], void, void> {
  for await (const seqs of batches) {
    for (let from = 0; from < seqs.length; from += count) {
      const wanted = seqs.slice(from, from + count);
      const rows = await db
        .selectFrom('data_documents')
        .selectAll()
        .where('seq', 'in', padded(wanted))
        .where('collection_seq', '=', collectionSeq)
        .orderBy('seq', 'desc')
        .execute();
      yield rows.filter((row) => matches(row.data, where));
    }
  }
}

async function rarestFirst(db: Db, terms: readonly number[]): Promise<number[]> {
  if (terms.length === 1) return [...terms];
  const counted: { term: number; count: number }[] = [];
  for (const term of terms) {
    // The order is that of the index, which keeps an engine from walking the table for what is frequent.
    const some = db
      .selectFrom('data_terms')
      .select('document_seq')
      .where('term', '=', term)
      .orderBy('document_seq', 'desc')
      .limit(COUNTED_MAX);
    const { count } = await db
      .selectFrom(some.as('some'))
      .select((e) => e.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    counted.push({ term, count: Number(count) });
  }
  return counted.sort((a, b) => a.count - b.count).map(({ term }) => term);
}

/** Which of these documents, all with the leading term, have the other one too. */
async function alsoWith(db: Db, leading: number, other: number, seqs: readonly number[]): Promise<number[]> {
  const rows = await db
    .selectFrom('data_terms as leading')
    .select('leading.document_seq as seq')
    .where('leading.term', '=', leading)
    .where('leading.document_seq', '<=', seqs[0]!)
    .where('leading.document_seq', '>=', seqs.at(-1)!)
    .where((e) =>
      e.exists(
        e
          .selectFrom('data_terms as other')
          .select('other.term')
          .where('other.term', '=', other)
          .whereRef('other.document_seq', '=', 'leading.document_seq'),
      ),
    )
    .orderBy('leading.document_seq', 'desc')
    .execute();
  const left = new Set(seqs);
  return rows.map((row) => row.seq).filter((seq) => left.has(seq));
}

/** A power of two of them, the last one repeated, so that there are few different statements to prepare. */
function padded(seqs: readonly number[]): number[] {
  let length = 1;
  while (length < seqs.length) length *= 2;
  return Array.from({ length }, (_, index) => seqs[Math.min(index, seqs.length - 1)]!);
}

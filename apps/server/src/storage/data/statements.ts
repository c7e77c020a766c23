/** The statements that every request of the document store takes, each prepared once. */
import type { Insertable } from 'kysely';
import type { Db } from '../db.ts';
import { Prepared } from '../prepared.ts';
import type { Tables } from '../schema.ts';
import type { DataOwner } from './data-quota.ts';

/** How many rows one statement writes: few texts serve any number. */
export const TERMS_AT_ONCE = [64, 16, 4, 2, 1] as const;

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Db) {
  return {
    collection: new Prepared(db, (q, { user_id, module_id, name }: DataOwner & { name: string }) =>
      q
        .selectFrom('data_collections')
        .select(['seq', 'records'])
        .where('user_id', '=', user_id)
        .where('module_id', '=', module_id)
        .where('name', '=', name),
    ),
    countRecords: new Prepared(db, (q, { seq, records }: { seq: number; records: number }) =>
      q.updateTable('data_collections').set({ records }).where('seq', '=', seq),
    ),
    document: new Prepared(db, (q, { user_id, module_id, name, id }: DataOwner & { name: string; id: string }) =>
      q
        .selectFrom('data_collections')
        .innerJoin('data_documents', 'data_documents.collection_seq', 'data_collections.seq')
        .selectAll('data_documents')
        .where('user_id', '=', user_id)
        .where('module_id', '=', module_id)
        .where('name', '=', name)
        .where('data_documents.id', '=', id),
    ),
    documentFacts: new Prepared(db, (q, { collection_seq, id }: { collection_seq: number; id: string }) =>
      q
        .selectFrom('data_documents')
        .select(['seq', 'version', 'size_bytes', 'created_at'])
        .where('collection_seq', '=', collection_seq)
        .where('id', '=', id),
    ),
    insertDocument: new Prepared(db, (q, row: Omit<Insertable<Tables['data_documents']>, 'seq'>) => {
      const { collection_seq, id, version, size_bytes, created_at, updated_at, data } = row;
      const values = { collection_seq, id, version, size_bytes, created_at, updated_at, data };
      return q.insertInto('data_documents').values(values).returning('seq');
    }),
    deleteDocument: new Prepared(db, (q, { seq }: { seq: number }) =>
      q.deleteFrom('data_documents').where('seq', '=', seq),
    ),
    insertTerms: Object.fromEntries(TERMS_AT_ONCE.map((count) => [count, insertTerms(db, count)])) as Record<
      (typeof TERMS_AT_ONCE)[number],
      ReturnType<typeof insertTerms>
    >,
  };
}

/** Takes the values term0, term1 and so on. */
function insertTerms(db: Db, count: number) {
  return new Prepared(db, (q, values: { document_seq: number; [term: `term${number}`]: number }) =>
    q.insertInto('data_terms').values(
      Array.from({ length: count }, (_, index) => {
        return { document_seq: values.document_seq, term: values[`term${index}`]! };
      }),
    ),
  );
}

/** The documents that modules keep: JSON by collection and id, each module's for each user apart. */
import { HanabiError, LIMITS, utf8Bytes } from '@hanabi/protocol';
import { newId } from '../../ids.ts';
import { type Db, now } from '../db.ts';
import type { Change } from '../rows.ts';
import { inTransaction } from '../transaction.ts';
import { DataUsage, type DataAmounts, type DataOwner } from './data-quota.ts';
import { type DataRow, type Gathered, gather, newestFirst } from './read-documents.ts';
import { DocumentQueries } from './query-documents.ts';
import { prepareStatements, type Statements, TERMS_AT_ONCE } from './statements.ts';
import { scalarFields, termsOf, type Where } from './terms.ts';

export interface DataWrite {
  data: unknown;
  /** Left out: a new document. */
  id?: string | undefined;
  ifVersion?: number | undefined;
}

export type DocumentFacts = Pick<DataRow, 'id' | 'version' | 'created_at' | 'updated_at'>;

interface Collection {
  seq: number;
  records: number;
}

const DELETED_AT_ONCE = 500;

export class DataStore {
  private readonly db: Db;
  private readonly statements: Statements;
  private readonly used: DataUsage;
  private readonly queries: DocumentQueries;
  readonly quota: DataAmounts;

  constructor(db: Db, quota: DataAmounts) {
    this.db = db;
    this.quota = quota;
    this.statements = prepareStatements(db);
    this.used = new DataUsage(db, quota);
    this.queries = new DocumentQueries(db);
  }

  async collections(owner: DataOwner): Promise<{ collections: { name: string; count: number }[]; usage: DataAmounts }> {
    const collections = await this.db
      .selectFrom('data_collections')
      .select(['name', 'records as count'])
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .orderBy('name')
      .execute();
    const row = await this.db
      .selectFrom('data_used')
      .select(['collections', 'records', 'used_bytes as bytes'])
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .executeTakeFirst();
    return { collections, usage: row ?? { collections: 0, records: 0, bytes: 0 } };
  }

  /** A page, the newest-updated first: from an offset, or the documents that were last written before `after`. */
  async list(
    owner: DataOwner,
    collection: string,
    page: { limit: number; offset: number; after?: number | undefined },
  ): Promise<Gathered & { total: number }> {
    const found = await this.findCollection(this.db, owner, collection);
    if (!found) return { total: 0, rows: [], more: false };
    const read = newestFirst(this.db, found.seq, page);
    return { total: found.records, ...(await gather(read, page.limit)) };
  }

  async get(owner: DataOwner, collection: string, id: string): Promise<DataRow | undefined> {
    return this.statements.document.first(this.db, { ...owner, name: collection, id });
  }

  /** Stores a document. HANABI-V012 where it is not at `ifVersion`, HANABI-Q008 to Q011 beyond a quota. */
  async put(owner: DataOwner, collection: string, write: DataWrite): Promise<DocumentFacts> {
    const data = JSON.stringify(write.data);
    const size_bytes = utf8Bytes(data);
    if (size_bytes > LIMITS.data_document_bytes_max) {
      throw new HanabiError('HANABI-Q011', `${size_bytes} bytes of at most ${LIMITS.data_document_bytes_max}`);
    }
    const fields = scalarFields(write.data);
    if (fields.length > LIMITS.data_document_fields_max) {
      throw new HanabiError('HANABI-Q011', `${fields.length} fields of at most ${LIMITS.data_document_fields_max}`);
    }
    return inTransaction(this.db, async (db) => {
      const used = await this.used.lock(db, owner);
      const found = await this.findCollection(db, owner, collection);
      const old = found && write.id !== undefined ? await this.findDocument(db, found.seq, write.id) : undefined;
      requireVersion(old, write.ifVersion);
      const bytes = size_bytes - (old?.size_bytes ?? 0);
      await this.used.add(db, owner, used, { collections: found ? 0 : 1, records: old ? 0 : 1, bytes });
      const { seq: collection_seq } = found ?? (await addCollection(db, owner, collection));
      if (old) await this.statements.deleteDocument.run(db, { seq: old.seq });
      else if (found) await this.countRecords(db, found, 1);
      const updated_at = now();
      const facts = {
        id: write.id ?? newId(),
        version: (old?.version ?? 0) + 1,
        created_at: old?.created_at ?? updated_at,
        updated_at,
      };
      const row = { ...facts, collection_seq, size_bytes, data };
      const inserted = await this.statements.insertDocument.first(db, row);
      await this.insertTerms(db, inserted!.seq, termsOf(collection_seq, fields));
      return facts;
    });
  }

  /** The documents that have all of these values. `more`: a bound has cut the answer. */
  async query(owner: DataOwner, collection: string, where: Where, limit: number): Promise<Gathered> {
    const conditions = Object.entries(where);
    if (conditions.length > LIMITS.data_where_fields_max) {
      throw new HanabiError('HANABI-V002', `"where" has more than ${LIMITS.data_where_fields_max} fields`);
    }
    const found = await this.findCollection(this.db, owner, collection);
    if (!found) return { rows: [], more: false };
    if (conditions.length === 0) return gather(newestFirst(this.db, found.seq, { limit, offset: 0 }), limit);
    return this.queries.find(found.seq, conditions, limit);
  }

  /** Deletes a document, and says whether there was one. */
  async delete(owner: DataOwner, collection: string, id: string, ifVersion?: number): Promise<boolean> {
    return inTransaction(this.db, async (db) => {
      const used = await this.used.lock(db, owner);
      const found = await this.findCollection(db, owner, collection);
      const old = found && (await this.findDocument(db, found.seq, id));
      requireVersion(old, ifVersion);
      if (!found || !old) return false;
      await this.statements.deleteDocument.run(db, { seq: old.seq });
      const collections = await this.shrink(db, found, 1);
      await this.used.add(db, owner, used, { collections, records: -1, bytes: -old.size_bytes });
      return true;
    });
  }

  /** Deletes all documents of a collection, some at a time, so that other requests get their turns in between. */
  async deleteCollection(owner: DataOwner, collection: string): Promise<void> {
    for (;;) {
      const done = await inTransaction(this.db, async (db) => {
        const used = await this.used.lock(db, owner);
        const found = await this.findCollection(db, owner, collection);
        if (!found) return true;
        const rows = await db
          .selectFrom('data_documents')
          .select(['seq', 'size_bytes'])
          .where('collection_seq', '=', found.seq)
          .orderBy('seq')
          .limit(DELETED_AT_ONCE)
          .execute();
        await db
          .deleteFrom('data_documents')
          .where('collection_seq', '=', found.seq)
          .where('seq', '<=', rows.at(-1)?.seq ?? 0)
          .execute();
        const collections = await this.shrink(db, found, rows.length);
        const bytes = rows.reduce((sum, row) => sum + row.size_bytes, 0);
        await this.used.add(db, owner, used, { collections, records: -rows.length, bytes: -bytes });
        return collections !== 0;
      });
      if (done) return;
    }
  }

  /** What all modules keep for a user. */
  async owners(userId: string): Promise<{ module_id: string; usage: DataAmounts }[]> {
    const rows = await this.db
      .selectFrom('data_used')
      .selectAll()
      .where('user_id', '=', userId)
      .where('records', '>', 0)
      .orderBy('module_id')
      .execute();
    return rows.map(({ module_id, collections, records, used_bytes: bytes }) => {
      return { module_id, usage: { collections, records, bytes } };
    });
  }

  private findCollection(db: Db | Change, owner: DataOwner, name: string): Promise<Collection | undefined> {
    return this.statements.collection.first(db, { ...owner, name });
  }

  private findDocument(db: Change, collection_seq: number, id: string) {
    return this.statements.documentFacts.first(db, { collection_seq, id });
  }

  private async countRecords(db: Change, { seq, records }: Collection, added: number): Promise<void> {
    await this.statements.countRecords.run(db, { seq, records: records + added });
  }

  private async insertTerms(db: Change, document_seq: number, terms: readonly number[]): Promise<void> {
    let from = 0;
    for (const count of TERMS_AT_ONCE) {
      for (; from + count <= terms.length; from += count) {
        const values = Object.fromEntries(terms.slice(from, from + count).map((term, index) => [`term${index}`, term]));
        await this.statements.insertTerms[count].run(db, { ...values, document_seq });
      }
    }
  }

  /** The collection has lost so many documents; without any it goes too. By how many the collections change. */
  private async shrink(db: Change, collection: Collection, records: number): Promise<0 | -1> {
    if (records < collection.records) {
      await this.countRecords(db, collection, -records);
      return 0;
    }
    await db.deleteFrom('data_collections').where('seq', '=', collection.seq).execute();
    return -1;
  }
}

async function addCollection(db: Change, owner: DataOwner, name: string): Promise<{ seq: number }> {
  return db
    .insertInto('data_collections')
    .values({ ...owner, name, records: 1 })
    .returning('seq')
    .executeTakeFirstOrThrow();
}

function requireVersion(document: { version: number } | undefined, wanted: number | undefined): void {
  const version = document?.version ?? 0;
  if (wanted === undefined || wanted === version) return;
  const is = document ? `it has version ${version}` : 'there is none';
  throw new HanabiError('HANABI-V012', `${is}, expected was ${wanted === 0 ? 'none' : `version ${wanted}`}`);
}

/** The document store by itself: what the engine does for it, and that its counts stay true. */
import { LIMITS } from '@hanabi/protocol';
import { CompiledQuery, Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataStore } from '../src/storage/data/data-store.ts';
import { scalarFields, termsOf, type Where } from '../src/storage/data/terms.ts';
import type { Tables } from '../src/storage/schema.ts';
import { isSqlite } from '../src/storage/clock.ts';
import { openDialect } from './harness/engine.ts';
import { Storage } from './harness/storage.ts';

const QUOTA = { collections: 10, records: 1_000_000, bytes: 1e9 };

let storage: Storage;
let store: DataStore;
let owner: { user_id: string; module_id: string };
beforeAll(async () => {
  storage = await Storage.open();
  store = new DataStore(storage.db, QUOTA);
  owner = { user_id: storage.home.user_id, module_id: 'm' };
});
afterAll(() => storage.close());

/** Numbers that look random and are the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** `n` is each document's own, `tens` that of ten, `half` that of every other one, `third` independent of it. */
function documentOf(n: number) {
  const odd = n % 2 === 1;
  return { n, tens: Math.floor(n / 10), odd, half: !odd, third: `t${n % 3}`, rare: n % 1000 === 7 ? 'yes' : 'no' };
}

async function found(whose: typeof owner, where: Where, limit = 1000) {
  const { rows, more } = await store.query(whose, 'c', where, limit);
  return { ids: rows.map(({ id }) => Number(id.slice(1))), more };
}

/** Copies a first document, as many times as it takes, with the terms that `put` would write. */
async function fill(whose: typeof owner, count: number): Promise<void> {
  await store.put(whose, 'c', { id: 'd0', data: documentOf(0) });
  const collection = await storage.db
    .selectFrom('data_collections')
    .select('seq')
    .where('module_id', '=', whose.module_id)
    .executeTakeFirstOrThrow();
  const time = new Date().toISOString();
  for (let from = 1; from < count; from += 500) {
    await storage.db.transaction().execute(async (db) => {
      const numbersOfDocuments = Array.from({ length: Math.min(500, count - from) }, (_, index) => from + index);
      const rows = numbersOfDocuments.map((n) => ({
        collection_seq: collection.seq,
        id: `d${n}`,
        version: 1,
        size_bytes: 50,
        created_at: time,
        updated_at: time,
        data: JSON.stringify(documentOf(n)),
      }));
      const seqs = await db.insertInto('data_documents').values(rows).returning(['seq', 'id']).execute();
      const terms = seqs.flatMap(({ seq, id }) =>
        termsOf(collection.seq, scalarFields(documentOf(Number(id.slice(1))))).map((term) => {
          return { document_seq: seq, term };
        }),
      );
      for (let at = 0; at < terms.length; at += 2000) {
        await db
          .insertInto('data_terms')
          .values(terms.slice(at, at + 2000))
          .execute();
      }
    });
  }
  await storage.db.updateTable('data_collections').set({ records: count }).where('seq', '=', collection.seq).execute();
}

it('counts what is there after any order of writes and deletions', async () => {
  const random = numbers(5);
  for (let step = 0; step < 400; step += 1) {
    const [collection, id] = [`c${random(3)}`, `d${random(8)}`];
    if (random(3) === 0) await store.delete(owner, collection, id);
    else if (random(60) === 0) await store.deleteCollection(owner, collection);
    else await store.put(owner, collection, { id, data: { n: random(5), text: 'ü'.repeat(random(200)) } });
  }
  const documents = await storage.db
    .selectFrom('data_documents')
    .innerJoin('data_collections', 'data_collections.seq', 'data_documents.collection_seq')
    .select(['data_documents.seq', 'data', 'name'])
    .where('module_id', '=', 'm')
    .execute();
  const { collections, usage } = await store.collections(owner);
  expect(usage).toEqual({
    collections: new Set(documents.map(({ name }) => name)).size,
    records: documents.length,
    bytes: documents.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0),
  });
  for (const { name, count } of collections) {
    expect(count).toBe(documents.filter((document) => document.name === name).length);
  }
  const terms = await storage.db.selectFrom('data_terms').select('document_seq').distinct().execute();
  expect(new Set(terms.map((term) => term.document_seq))).toEqual(new Set(documents.map(({ seq }) => seq)));
});

type Plan = (statement: CompiledQuery) => Promise<{ scans: string[]; sorts: string[] }>;

async function explained<Row>(words: string, { sql: text, parameters }: CompiledQuery): Promise<Row[]> {
  return (await storage.db.executeQuery<Row>(CompiledQuery.raw(`${words} ${text}`, [...parameters]))).rows;
}

const sqlitePlan: Plan = async (statement) => {
  const rows = await explained<{ detail: string }>('explain query plan', statement);
  const details = rows.map(({ detail }) => detail);
  return {
    // The bounded count of a term reads the few rows that were taken from its index.
    scans: details.filter((detail) => /\bSCAN\b/.test(detail) && !/SCAN (some|\(subquery)/.test(detail)),
    sorts: details.filter((detail) => detail.includes('TEMP B-TREE')),
  };
};

/** Of the tables that grow: one with three rows is best read as a whole. */
async function postgresPlan(): Promise<Plan> {
  await sql`analyze`.execute(storage.db);
  return async (statement) => {
    const rows = await explained<{ 'QUERY PLAN': string }>('explain', statement);
    const lines = rows.map((row) => row['QUERY PLAN']);
    return {
      scans: lines.filter((line) => /Seq Scan on data_(documents|terms)/.test(line)),
      // What has no limit is about the thousand documents at most that a walk has just brought.
      sorts: / limit /.test(statement.sql) ? lines.filter((line) => /\bSort\b/.test(line)) : [],
    };
  };
}

describe('with a hundred thousand documents', () => {
  const COUNT = 100_000;
  const large = { user_id: '', module_id: 'large' };
  const small = { user_id: '', module_id: 'small' };

  beforeAll(async () => {
    large.user_id = small.user_id = owner.user_id;
    await fill(small, 1000);
    await fill(large, COUNT);
  }, 300_000);

  it('finds exactly what a scan would', async () => {
    expect(await found(large, { n: 54_321 })).toEqual({ ids: [54_321], more: false });
    expect((await found(large, { tens: 99 })).ids).toEqual([999, 998, 997, 996, 995, 994, 993, 992, 991, 990]);
    const rare = Array.from({ length: 100 }, (_, k) => 99_007 - 1000 * k);
    expect(await found(large, { rare: 'yes' })).toEqual({ ids: rare, more: false });
    const rareThird = rare.filter((n) => n % 3 === 1);
    expect(await found(large, { half: false, third: 't1', rare: 'yes' })).toEqual({ ids: rareThird, more: false });
    expect(await found(large, { half: true, third: 't0' }, 3)).toEqual({ ids: [99_996, 99_990, 99_984], more: true });
    expect(await found(large, { half: true, rare: 'yes' })).toEqual({ ids: [], more: false });
  });

  it('says truncated where a walk has ended at its bound, and only there', async () => {
    expect(COUNT / 2).toBeGreaterThan(LIMITS.data_query_walk_max);
    // Both are frequent, and no document has both.
    expect(await store.query(large, 'c', { half: true, odd: true }, 10)).toEqual({ rows: [], more: true });
    expect(await store.query(small, 'c', { half: true, odd: true }, 10)).toEqual({ rows: [], more: false });
    expect(await store.query(large, 'c', { half: true, third: 'no such' }, 10)).toEqual({ rows: [], more: false });
    const { rows, more } = await store.query(large, 'c', { half: false, rare: 'no', third: 't2' }, 1000);
    expect(rows).toHaveLength(1000);
    expect(more).toBe(true);
  });

  it('takes an index for each of its statements, and sorts nothing', async () => {
    const sent: CompiledQuery[] = [];
    const dialect = await openDialect(storage.dir);
    const watched = new Kysely<Tables>({ dialect, log: ({ query }) => void sent.push(query) });
    try {
      const spied = new DataStore(watched, QUOTA);
      await spied.query(large, 'c', { n: 5 }, 10);
      await spied.query(large, 'c', { half: true, third: 't1', rare: 'no' }, 10);
      await spied.list(large, 'c', { limit: 10, offset: 5 });
      await spied.list(large, 'c', { limit: 10, offset: 0, after: 500 });
      await spied.get(large, 'c', 'd5');
      await spied.put(large, 'c', { id: 'd5', data: documentOf(5) });
      await spied.delete(large, 'c', 'd6');
    } finally {
      await watched.destroy();
    }
    const statements = sent.filter(({ sql: text }) => /^(select|update|delete)/.test(text));
    expect(statements.length).toBeGreaterThan(15);
    const plan = isSqlite(storage.db) ? sqlitePlan : await postgresPlan();
    for (const statement of statements) {
      const { scans, sorts } = await plan(statement);
      expect(scans, statement.sql).toEqual([]);
      // At most sixty-four rows that were named by their keys are put in order.
      if (!statement.sql.includes(' in (')) expect(sorts, statement.sql).toEqual([]);
    }
  });
});

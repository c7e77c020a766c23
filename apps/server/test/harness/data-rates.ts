/**
 * The document store against its engine: the same tables, written and read with prepared statements and nothing in
 * between. Each figure is of one request after the other, each write a transaction that is on the disk.
 */
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Sqlite from '@photostructure/sqlite';
import { Users } from '../../src/accounts/users.ts';
import type { DataOwner } from '../../src/storage/data/data-quota.ts';
import { DataStore } from '../../src/storage/data/data-store.ts';
import { scalarFields, termsOf } from '../../src/storage/data/terms.ts';
import { openDb } from '../../src/storage/db.ts';
import { FileTree } from '../../src/storage/file-tree.ts';

const SMALL = 1000;
const LARGE = 1_000_000;
const ROUNDS = 5;
const QUOTA = { collections: 100, records: 10 * LARGE, bytes: 1e12 };

/** Requests a second, ours and those of the bare engine. */
export interface DataRates {
  put: Rates;
  get: Rates;
  /** Ten documents by a value, of a thousand and of a million. */
  query: Rates;
  queryLarge: Rates;
}

interface Rates {
  ours: number;
  bare: number;
}

export async function measureData(): Promise<DataRates> {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-bench-data-'));
  const db = await openDb(dir);
  const engine = openEngine(join(dir, 'hanabi.db'));
  try {
    const user = await new Users(db, new FileTree(db)).create('bench', 'bench', 'user');
    const store = new DataStore(db, QUOTA);
    const small = await filled(store, engine, { user_id: user.id, module_id: 'small' }, SMALL);
    const put = await compare(200, {
      ours: (n) => store.put(small.owner, 'c', { id: `d${n % SMALL}`, data: documentOf(n % SMALL) }),
      bare: (n) => barePut(engine, small.collection, n % SMALL),
    });
    const get = await compare(2000, {
      ours: (n) => store.get(small.owner, 'c', `d${n % SMALL}`),
      bare: (n) => engine.get.get(small.collection, `d${n % SMALL}`),
    });
    const queries = ({ owner, collection }: Filled, count: number) =>
      compare(500, {
        ours: (n) => store.query(owner, 'c', { tens: (n * 7919) % (count / 10) }, 20),
        bare: (n) => bareQuery(engine, collection, (n * 7919) % (count / 10)),
      });
    const query = await queries(small, SMALL);
    const large = await filled(store, engine, { user_id: user.id, module_id: 'large' }, LARGE);
    return { put, get, query, queryLarge: await queries(large, LARGE) };
  } finally {
    engine.database.close();
    await db.destroy();
    await rm(dir, { recursive: true, force: true });
  }
}

function openEngine(path: string) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const name = major > 22 || (major === 22 && minor >= 13) ? 'node:sqlite' : '@photostructure/sqlite';
  const { DatabaseSync: Engine } = createRequire(import.meta.url)(name) as typeof Sqlite;
  const database = new Engine(path);
  database.exec('pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000');
  return {
    database,
    insert: database.prepare(
      'insert into data_documents (collection_seq, id, version, size_bytes, created_at, updated_at, data) values (?, ?, 1, ?, ?, ?, ?) returning seq',
    ),
    insertTerm: database.prepare('insert into data_terms (document_seq, term) values (?, ?)'),
    remove: database.prepare('delete from data_documents where collection_seq = ? and id = ?'),
    get: database.prepare('select * from data_documents where collection_seq = ? and id = ?'),
    find: database.prepare('select document_seq from data_terms where term = ? order by document_seq desc limit 21'),
    bySeq: database.prepare('select * from data_documents where seq = ?'),
  };
}

type Engine = ReturnType<typeof openEngine>;

export function documentOf(n: number) {
  return { name: `Document ${n}`, n, tens: Math.floor(n / 10), text: 'x'.repeat(100) };
}

function bareInsert({ insert, insertTerm }: Engine, collection: number, n: number, id = `d${n}`): void {
  const document = documentOf(n);
  const data = JSON.stringify(document);
  const time = '2026-01-01T00:00:00.000Z';
  const { seq } = insert.get(collection, id, data.length, time, time, data) as { seq: number };
  for (const term of termsOf(collection, scalarFields(document))) insertTerm.run(seq, term);
}

function bareQuery({ find, bySeq }: Engine, collection: number, tens: number): void {
  const [term] = termsOf(collection, [['tens', tens]]);
  for (const { document_seq } of find.all(term!) as { document_seq: number }[]) bySeq.get(document_seq);
}

interface Filled {
  owner: DataOwner;
  collection: number;
}

async function filled(store: DataStore, engine: Engine, owner: DataOwner, count: number): Promise<Filled> {
  await store.put(owner, 'c', { id: 'd0', data: documentOf(0) });
  const { database } = engine;
  const row = database.prepare('select seq from data_collections where module_id = ?').get(owner.module_id);
  const { seq: collection } = row as { seq: number };
  // What is filled in beforehand need not survive anything.
  database.exec('pragma synchronous = off');
  for (let from = 1; from < count; from += 10_000) {
    database.exec('begin');
    for (let n = from; n < Math.min(count, from + 10_000); n += 1) bareInsert(engine, collection, n);
    database.exec('commit');
  }
  database.exec('pragma synchronous = full');
  database.prepare('update data_collections set records = ? where seq = ?').run(count, collection);
  return { owner, collection };
}

function barePut(engine: Engine, collection: number, n: number): void {
  engine.database.exec('begin immediate');
  engine.remove.run(collection, `d${n}`);
  bareInsert(engine, collection, n);
  engine.database.exec('commit');
}

/** The medians; the two take turns, because what else a machine does changes. */
export async function compare(count: number, acts: Record<'ours' | 'bare', (n: number) => unknown>): Promise<Rates> {
  const rates = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ['ours', 'bare'] as const) {
      const from = performance.now();
      for (let n = 0; n < count; n += 1) await acts[name](round * count + n);
      rates[name].push((count * 1000) / (performance.now() - from));
    }
  }
  return { ours: median(rates.ours), bare: median(rates.bare) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

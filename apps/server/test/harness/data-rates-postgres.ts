/** The document store on PostgreSQL against the same tables and prepared statements, with nothing in between. */
import { Client } from 'pg';
import { Users } from '../../src/accounts/users.ts';
import { DataStore } from '../../src/storage/data/data-store.ts';
import { scalarFields, termsOf } from '../../src/storage/data/terms.ts';
import { openDb } from '../../src/storage/db.ts';
import { FileTree } from '../../src/storage/file-tree.ts';
import { compare, type DataRates, documentOf } from './data-rates.ts';

const COUNT = 1000;
const QUOTA = { collections: 100, records: 1_000_000, bytes: 1e12 };

export async function measurePostgresData(
  dataDir: string,
  url: string,
): Promise<Pick<DataRates, 'put' | 'get' | 'query'>> {
  const db = await openDb(dataDir, url);
  const client = new Client({ connectionString: url });
  await client.connect();
  const bare = statementsOf(client);
  try {
    const user = await new Users(db, new FileTree(db)).create('documents', 'bench', 'user');
    const owner = { user_id: user.id, module_id: 'bench' };
    const store = new DataStore(db, QUOTA);
    for (let n = 0; n < COUNT; n += 1) await store.put(owner, 'c', { id: `d${n}`, data: documentOf(n) });
    const { seq } = await db.selectFrom('data_collections').select('seq').executeTakeFirstOrThrow();
    const tens = (n: number) => (n * 7919) % (COUNT / 10);
    return {
      put: await compare(200, {
        ours: (n) => store.put(owner, 'c', { id: `d${n % COUNT}`, data: documentOf(n % COUNT) }),
        bare: (n) => bare.put(seq, n % COUNT),
      }),
      get: await compare(1000, {
        ours: (n) => store.get(owner, 'c', `d${n % COUNT}`),
        bare: (n) => bare.get(seq, `d${n % COUNT}`),
      }),
      query: await compare(500, {
        ours: (n) => store.query(owner, 'c', { tens: tens(n) }, 20),
        bare: (n) => bare.query(seq, tens(n)),
      }),
    };
  } finally {
    await client.end();
    await db.destroy();
  }
}

function statementsOf(client: Client) {
  const run = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
  return {
    get: (collection: number, id: string) =>
      run('get', 'select * from data_documents where collection_seq = $1 and id = $2', [collection, id]),
    async query(collection: number, tens: number) {
      const [term] = termsOf(collection, [['tens', tens]]);
      const found = 'select document_seq from data_terms where term = $1 order by document_seq desc limit 21';
      const { rows } = await run('find', found, [term]);
      const seqs = (rows as { document_seq: string }[]).map((row) => row.document_seq);
      await run('rows', 'select * from data_documents where seq = any($1) order by seq desc', [seqs]);
    },
    async put(collection: number, n: number) {
      const document = documentOf(n);
      const data = JSON.stringify(document);
      await client.query('begin');
      await run('remove', 'delete from data_documents where collection_seq = $1 and id = $2', [collection, `d${n}`]);
      const insert =
        'insert into data_documents (collection_seq, id, version, size_bytes, created_at, updated_at, data) values ($1, $2, 1, $3, $4, $4, $5) returning seq';
      const { rows } = await run('insert', insert, [collection, `d${n}`, data.length, '2026', data]);
      const { seq } = rows[0] as { seq: string };
      const terms = termsOf(collection, scalarFields(document));
      const tuples = terms.map((_, index) => `($1, $${index + 2})`).join(', ');
      await run(`terms${terms.length}`, `insert into data_terms (document_seq, term) values ${tuples}`, [
        seq,
        ...terms,
      ]);
      await client.query('commit');
    },
  };
}

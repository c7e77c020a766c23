/** What the engine says of its disk has a number, whether the statement gives rows or not. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { diskError } from '../src/storage/disk.ts';
import { openSqlite } from '../src/storage/sqlite.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanabi-sqlite-'));
  path = join(folder, 'test.db');
});
afterEach(() => rm(folder, { recursive: true }));

const openDb = () => new Kysely<unknown>({ dialect: openSqlite(path) });
const failureOf = (work: Promise<unknown>) => work.then(() => undefined, diskError);

it('a database that may not grow is full: HANABI-Q003', async () => {
  const db = openDb();
  await sql`create table texts (text text)`.execute(db);
  await sql`pragma max_page_count = 3`.execute(db);
  const large = 'x'.repeat(100_000);
  const plain = await failureOf(sql`insert into texts values (${large})`.execute(db));
  expect(plain).toMatchObject({ code: 'HANABI-Q003' });
  const withRows = await failureOf(sql`insert into texts values (${large}) returning text`.execute(db));
  expect(withRows).toMatchObject({ code: 'HANABI-Q003' });
  await db.destroy();
});

it('a database with pages of something else is storage that does not work: HANABI-F012', async () => {
  const before = openDb();
  await sql`create table texts (text text)`.execute(before);
  await sql`insert into texts values ('here')`.execute(before);
  await sql`pragma wal_checkpoint(truncate)`.execute(before);
  await before.destroy();
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 4096);
  await file.close();
  const db = openDb();
  const failure = await failureOf(sql`select text from texts`.execute(db));
  expect(failure).toMatchObject({ code: 'HANABI-F012' });
  await db.destroy();
});

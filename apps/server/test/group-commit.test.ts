import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import type { Db } from '../src/storage/db.ts';
import { openDb } from './harness/engine.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import { GroupCommit } from '../src/storage/group-commit.ts';
import type { Change } from '../src/storage/rows.ts';

let folder: string;
let db: Db;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanabi-group-'));
  db = await openDb(folder);
  await new Users(db, new FileTree(db)).ensureAdmin('correct horse battery staple');
});

afterEach(async () => {
  await db.destroy();
  await rm(folder, { recursive: true });
});

const rename = (name: string) => async (change: Change) => {
  await change.updateTable('users').set({ name }).execute();
  return name;
};

const names = async () => (await db.selectFrom('users').select('name').execute()).map(({ name }) => name);

it('keeps what the others of a group have changed when one of them fails', async () => {
  const commits = new GroupCommit(db);
  const before = commits.run(rename('first'));
  const failing = commits.run(async (change) => {
    await rename('failed')(change);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await before).toBe('first');
  expect(await names()).toEqual(['first']);
});

it('tells why, when the engine has taken back all of a group by itself', async () => {
  const commits = new GroupCommit(db);
  const before = commits.run(rename('first'));
  const failing = commits.run(async (change) => {
    // As it does where the disk is full or fails.
    await sql`rollback`.execute(change);
    throw new Error('the disk failed');
  });
  await expect(failing).rejects.toThrow('the disk failed');
  await expect(before).rejects.toThrow('the disk failed');
  expect(await names()).toEqual(['admin']);
  expect(await commits.run(rename('later'))).toBe('later');
});

it('takes what is asked for while a group is being committed', async () => {
  const commits = new GroupCommit(db);
  let later: Promise<string> | undefined;
  await commits.run(async (change) => {
    later = commits.run(rename('later'));
    await rename('sooner')(change);
  });
  expect(await later).toBe('later');
  expect(await names()).toEqual(['later']);
});

it('fails all of a group that cannot be committed', async () => {
  const commits = new GroupCommit(db);
  const broken = commits.run((change) => change.deleteFrom('users').execute());
  const other = commits.run(rename('other'));
  await db.destroy();
  await expect(broken).rejects.toThrow();
  await expect(other).rejects.toThrow();
  db = await openDb(folder);
  expect(await names()).not.toContain('other');
});

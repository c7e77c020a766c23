/** From one engine to the other and back: a backup says nothing of the engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDb as openAt } from '../src/storage/db.ts';
import { Desktop } from './harness/desktop.ts';
import { dumpOf } from './harness/dump.ts';
import { dropDatabase, openDb } from './harness/engine.ts';
import { hanabiWith } from './harness/hanabi.ts';
import { startServer } from './harness/start-server.ts';

let dir: string;
const folder = (name: string) => join(dir, name);
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-engines-'));
});
afterAll(async () => {
  for (const name of ['first', 'last']) await dropDatabase(folder(name));
  await rm(dir, { recursive: true });
});

it('moves a server from PostgreSQL to SQLite and back', async () => {
  const server = await startServer({ data_dir: folder('first'), users: ['other'] });
  const desktop = await Desktop.signIn(server.url);
  for (const name of ['B.txt', 'a.txt', 'Ä.txt']) await desktop.upload(name, `content of ${name}`);
  await server.stop();
  const sqlite = { HANABI_DATA_DIR: folder('middle'), HANABI_DATABASE_URL: '' };
  const commands = [
    [{ HANABI_DATA_DIR: folder('first') }, 'backup', folder('one')],
    [sqlite, 'restore', folder('one')],
    [sqlite, 'backup', folder('two')],
    [{ HANABI_DATA_DIR: folder('last') }, 'restore', folder('two')],
  ] as const;
  for (const [settings, ...args] of commands) expect((await hanabiWith(settings, ...args)).stderr).toBe('');

  const first = await openDb(folder('first'));
  const middle = await openAt(folder('middle'));
  const last = await openDb(folder('last'));
  const ended = ['sessions', 'launches', 'launch_files', 'uploads'];
  const expected = await dumpOf(first, ended);
  expect(expected['files']).toHaveLength(3);
  expect(await dumpOf(middle, ended)).toEqual(expected);
  expect(await dumpOf(last, ended)).toEqual(expected);
  await Promise.all([first.destroy(), middle.destroy(), last.destroy()]);
}, 60_000);

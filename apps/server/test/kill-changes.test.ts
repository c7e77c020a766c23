/** `kill -9` in the middle of changes: what was acknowledged is there, and of the rest nothing is there by half. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DESKTOP_PATHS, type ItemRef, type Launch } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs } from '../src/storage/blobs.ts';
import type { Db } from '../src/storage/db.ts';
import { insertBelow, insertFile } from '../src/storage/insert.ts';
import { LocalBlobs } from '../src/storage/local-blobs.ts';
import { addUsed } from '../src/storage/quota.ts';
import { checkStorage } from './harness/hanabi.ts';
import {
  fileRef,
  folderRef,
  listTrash,
  putInTrash,
  sendEmptyTrash,
  sendMove,
  sendRestore,
  sendTrash,
  usage,
} from './harness/items.ts';
import { KillableServer } from './harness/killable-server.ts';
import { makeModule } from './harness/make-module.ts';
import { worked } from './harness/processes.ts';

const FILES = 10_000;
const PER_REQUEST = 1000;
/** Not before the answer. */
const AFTER = Infinity;
const CONTENT = Buffer.from('content');

const contentOf = (name: string, turn: number) => `${name} ${turn} `.repeat(20_000);

/** Sends a request, kills the server after so much of its processor time, and says whether there was an answer. */
async function killedDuring(server: KillableServer, ticks: number, send: () => Promise<Response>): Promise<boolean> {
  const api = await server.apiProcess();
  let acknowledged = false;
  let settled = false;
  const sending = send().then(
    (response) => {
      acknowledged = response.ok;
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await worked(api, ticks, () => settled);
  await server.killAndRestart();
  await sending;
  return acknowledged;
}

describe('kill -9 while a module writes and a user uploads', () => {
  let server: KillableServer;
  beforeAll(async () => {
    const dir = await makeModule({ id: 'writer', permissions: ['files.read', 'files.write'] });
    server = await KillableServer.start({ env: { HANABI_MODULE_DIRS: dir } });
  });
  afterAll(() => server.stop());

  it('loses nothing that was acknowledged, and shows no half of a file', { timeout: 300_000 }, async () => {
    const acknowledged = new Map<string, number>();
    const sent = new Map<string, number>();
    const write = async (launch: Launch, name: string, turn: number): Promise<void> => {
      sent.set(name, turn);
      const bytesB64 = Buffer.from(contentOf(name, turn)).toString('base64');
      const answer = await server.desktop.ask(launch, 'HANABI_WRITE_FILE', { name, bytesB64 });
      if (answer.ok) acknowledged.set(name, turn);
    };
    const upload = async (name: string, turn: number): Promise<void> => {
      sent.set(name, turn);
      if ((await server.desktop.sendUpload(name, contentOf(name, turn))).ok) acknowledged.set(name, turn);
    };
    for (let round = 0; round < 8; round += 1) {
      const launch = await server.desktop.launch('writer');
      const ending = new AbortController();
      // Each makes new files, and the module also writes, over and over, to one that it has.
      const writers = [0, 1, 2].map(async (writer) => {
        for (let turn = round * 1000; !ending.signal.aborted; turn += 1) {
          await write(launch, `new-${writer}-${turn}.txt`, turn);
          await write(launch, `same-${writer}.txt`, turn);
          await upload(`up-${writer}-${turn}.txt`, turn);
        }
      });
      const failed = Promise.allSettled(writers);
      // Writing costs the server a few ticks each, so every round dies somewhere else.
      await worked(await server.apiProcess(), 12 + 5 * round, () => false);
      ending.abort();
      await server.killAndRestart();
      await failed;
    }
    expect(acknowledged.size).toBeGreaterThan(20);
    const exports = await server.desktop.folderAt('Modules', 'writer', 'Exports');
    const all = [...exports.files, ...(await server.desktop.folder('root')).files];
    const files = new Map(all.map((file) => [file.name, file]));
    expect(files.size).toBe(all.length);
    expect([...acknowledged.keys()].filter((name) => !files.has(name))).toEqual([]);
    for (const [name, { id }] of files) {
      const text = await (await server.desktop.send('GET', `${DESKTOP_PATHS.files}/${id}/content`)).text();
      const turn = Number(text.split(' ')[1]);
      expect(text === contentOf(name, turn), name).toBe(true);
      expect(turn).toBeGreaterThanOrEqual(acknowledged.get(name) ?? 0);
      expect(turn).toBeLessThanOrEqual(sent.get(name)!);
    }
    expect(await readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
    expect(await checkStorage({ HANABI_DATA_DIR: server.data_dir })).toMatchObject({ status: 0, troubles: [] });
  });
});

/** A folder of 10,000 files of one content, as if they had been there for long. */
async function makeFiles(db: Db, dataDir: string): Promise<void> {
  const blobs = await Blobs.open(join(dataDir, 'blobs'), new LocalBlobs(join(dataDir, 'blobs')));
  const blob = await blobs.writeBytes(CONTENT);
  await db.transaction().execute(async (change) => {
    const home = await change.selectFrom('folders').selectAll().where('top', '=', 'home').executeTakeFirstOrThrow();
    await insertBelow(change, home, 'To');
    const from = await insertBelow(change, home, 'From');
    for (let turn = 0; turn < FILES; turn += 1) await insertFile(change, from, `${turn}.txt`, blob);
    await addUsed(change, { storage_limit_bytes: null }, home.user_id, FILES * CONTENT.byteLength);
  });
}

describe('kill -9 while 10,000 files', () => {
  let server: KillableServer;
  let ids: string[];
  let from: string;
  let to: string;
  beforeAll(async () => {
    server = await KillableServer.start({ prepare: makeFiles });
    const { folders } = await server.desktop.folder('root');
    [from, to] = ['From', 'To'].map((name) => folders.find((folder) => folder.name === name)!.id) as [string, string];
    ids = await idsIn(from);
    expect(ids).toHaveLength(FILES);
  });
  afterAll(() => server.stop());

  const idsIn = async (folder: string) => (await server.desktop.folder(folder)).files.map(({ id }) => id);
  const idsInTrash = async () =>
    (await listTrash(server.desktop)).map((one) => ('file' in one ? one.file.id : one.folder.id));
  const batch = (turn: number) => ids.slice(turn * PER_REQUEST, (turn + 1) * PER_REQUEST);
  const refs = (turn: number): ItemRef[] => batch(turn).map((id) => fileRef({ id }));

  /** All of a request happened or nothing of it, and all of it where it was acknowledged. */
  function expectWhole(turn: number, there: readonly string[], acknowledged: boolean): void {
    const found = new Set(there);
    const count = batch(turn).filter((id) => found.has(id)).length;
    expect([acknowledged ? PER_REQUEST : 0, PER_REQUEST], `batch ${turn}`).toContain(count);
  }

  async function expectAllThere(...places: string[][]): Promise<void> {
    expect(places.flat().sort()).toEqual([...ids].sort());
    expect((await usage(server.desktop)).used_bytes).toBe(FILES * CONTENT.byteLength);
  }

  it('are moved', { timeout: 300_000 }, async () => {
    for (const [turn, ticks] of [0, 3, 6, 12, 18, 24, 32, 40, 60, AFTER].entries()) {
      const done = await killedDuring(server, ticks, () => sendMove(server.desktop, refs(turn), to));
      expectWhole(turn, await idsIn(to), done);
      await expectAllThere(await idsIn(from), await idsIn(to));
    }
    // With the folder around them it is a single row.
    for (let turn = 0; turn < 3; turn += 1) {
      const done = await killedDuring(server, turn, () => sendMove(server.desktop, [folderRef({ id: from })], to));
      const { folders } = await server.desktop.folder(to);
      if (done) expect(folders).toMatchObject([{ id: from }]);
      await expectAllThere(await idsIn(from), await idsIn(to));
    }
  });

  it('are thrown away, restored, and deleted for good', { timeout: 300_000 }, async () => {
    for (const [turn, ticks] of [5, 20, 40, AFTER].entries()) {
      const done = await killedDuring(server, ticks, () => sendTrash(server.desktop, refs(turn)));
      expectWhole(turn, await idsInTrash(), done);
      await expectAllThere(await idsIn(from), await idsIn(to), await idsInTrash());
    }
    for (const [turn, ticks] of [5, 20, 40, AFTER].entries()) {
      if (!(await idsInTrash()).includes(batch(turn)[0]!)) await putInTrash(server.desktop, refs(turn));
      const done = await killedDuring(server, ticks, () => sendRestore(server.desktop, refs(turn)));
      expectWhole(turn, [...(await idsIn(from)), ...(await idsIn(to))], done);
      await expectAllThere(await idsIn(from), await idsIn(to), await idsInTrash());
    }
    await putInTrash(server.desktop, refs(5));
    const kept = [...(await idsIn(from)), ...(await idsIn(to))];
    for (const ticks of [5, 20, AFTER]) {
      const done = await killedDuring(server, ticks, () => sendEmptyTrash(server.desktop));
      const left = await idsInTrash();
      if (done) expect(left).toEqual([]);
      expect([...(await idsIn(from)), ...(await idsIn(to))].sort()).toEqual(kept.sort());
      expect(await usage(server.desktop)).toMatchObject({
        used_bytes: (kept.length + left.length) * CONTENT.byteLength,
        trash_bytes: left.length * CONTENT.byteLength,
      });
    }
    expect(await checkStorage({ HANABI_DATA_DIR: server.data_dir })).toMatchObject({ status: 0, contents: 1 });
  });
});

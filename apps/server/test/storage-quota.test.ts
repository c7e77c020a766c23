import { DESKTOP_PATHS, type FileRef, MIB } from '@hanabi/protocol';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { copy, emptyTrash, fileRef, folderRef, putInTrash, sendCopy, usage } from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { blobPath } from './harness/storage.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

const QUOTA = { code: 'HANABI-Q005', category: 'LIMIT' };

const prepare = async (db: Db) => {
  await db.updateTable('users').set({ storage_limit_bytes: 1000 }).where('name', '=', 'small').execute();
};

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const dir = await makeModule({ id: 'writer', permissions: ['files.read', 'files.write'] });
  const env = { HANABI_MODULE_DIRS: dir, HANABI_USER_STORAGE_LIMIT_MB: '2' };
  server = await startServer({ env, users: ['small'], prepare });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());
beforeEach(async () => {
  const { files, folders } = await desktop.folder('root');
  const own = folders.filter(({ name }) => name.startsWith('f'));
  if (files.length + own.length > 0) await putInTrash(desktop, [...files.map(fileRef), ...own.map(folderRef)]);
  await emptyTrash(desktop);
});

const bytes = (mib: number) => new Uint8Array(mib * MIB);

describe('the quota of a user', () => {
  it('is that of the server, or one of its own', async () => {
    expect(await usage(desktop)).toMatchObject({ limit_bytes: 2 * MIB });
    const small = await Desktop.signIn(server.url, 'small', 'small');
    expect(await usage(small)).toEqual({ used_bytes: 0, limit_bytes: 1000, trash_bytes: 0 });
    await small.upload('fits', new Uint8Array(1000));
    expect(await errorOf(await small.sendUpload('x', 'x'))).toMatchObject(QUOTA);
  });

  it('names the numbers, and refuses before the bytes are sent', async () => {
    await desktop.upload('one', bytes(1));
    const path = `${DESKTOP_PATHS.folders}/root/files?name=too-much`;
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'content-type': 'application/octet-stream',
        'content-length': 1.5 * MIB,
      };
      const sending = request(server.url + path, { method: 'PUT', headers }, (response) => {
        response.setEncoding('utf8').once('data', (text: string) => {
          resolve(text);
          sending.on('error', () => undefined).destroy();
        });
      });
      sending.on('error', reject).flushHeaders();
    });
    expect(JSON.parse(answer)).toMatchObject({ error: QUOTA });
    expect(answer).toContain('storage quota 2.0 MiB, used 1.0 MiB, asked for 1.5 MiB more');
  });

  it('holds for uploads whose length nobody knew, and leaves nothing of them', async () => {
    await desktop.upload('one', bytes(1));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes(1.5));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}${DESKTOP_PATHS.folders}/root/files?name=too-much`, {
      method: 'PUT',
      headers: {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'content-type': 'application/octet-stream',
      },
      body,
      duplex: 'half',
    });
    expect(await errorOf(response)).toMatchObject(QUOTA);
    expect((await desktop.folder('root')).files.map(({ name }) => name)).toEqual(['one']);
    expect(await readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
    expect(existsSync(blobPath(server.data_dir, bytes(1.5)))).toBe(false);
  });

  it('is not exceeded by many writers at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, turn) => desktop.sendUpload(`part-${turn}`, bytes(0.5))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    for (const refused of answers.filter(({ status }) => status !== 201)) {
      expect(await errorOf(refused)).toMatchObject(QUOTA);
    }
    expect((await usage(desktop)).used_bytes).toBe(2 * MIB);
  });

  it('counts copies and the Trash, and what a module writes', async () => {
    const file = await desktop.upload('one', bytes(0.75));
    await copy(desktop, [fileRef(file)], desktop.session.root_folder_id);
    expect(await errorOf(await sendCopy(desktop, [fileRef(file)], 'root'))).toMatchObject(QUOTA);
    await putInTrash(desktop, [fileRef(file)]);
    expect(await usage(desktop)).toMatchObject({ used_bytes: 1.5 * MIB, trash_bytes: 0.75 * MIB });
    const launch = await desktop.launch('writer');
    const write = (mib: number) =>
      desktop.ask(launch, 'HANABI_WRITE_FILE', {
        name: 'w.bin',
        bytesB64: Buffer.from(bytes(mib)).toString('base64'),
      });
    expect((await write(0.75)).error).toMatchObject(QUOTA);
    expect((await write(0.5)).ok).toBe(true);
    expect((await write(0.75)).error).toMatchObject(QUOTA);
    // What is replaced makes room for what replaces it.
    const { file: written } = (await write(0.25)).data as { file: FileRef };
    expect(await usage(desktop)).toMatchObject({ used_bytes: 1.75 * MIB });
    await putInTrash(desktop, [fileRef(written)]);
    await emptyTrash(desktop);
    expect(await usage(desktop)).toMatchObject({ used_bytes: 0.75 * MIB });
  });

  it('never keeps anybody from making files smaller', async () => {
    const launch = await desktop.launch('writer');
    const write = async (size: number) =>
      (
        await desktop.ask(launch, 'HANABI_WRITE_FILE', {
          name: 'shrinks.bin',
          bytesB64: Buffer.alloc(size).toString('base64'),
        })
      ).ok;
    expect(await write(MIB)).toBe(true);
    await desktop.upload('rest', bytes(1));
    expect(await write(MIB - 1)).toBe(true);
    expect(await write(MIB + 1)).toBe(false);
  });
});

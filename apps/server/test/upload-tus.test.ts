import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CSRF_HEADER, DESKTOP_PATHS, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDb } from './harness/engine.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { announce, begin, head, Noise, offsetOf, patch, patchStream, send } from './upload-client.ts';

let server: RunningServer;
let desktop: Desktop;
let stranger: Desktop;
beforeAll(async () => {
  server = await startServer({ users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  stranger = await Desktop.signIn(server.url, 'other', 'other');
});
afterAll(() => server.stop());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const content = async (id: string) => {
  const response = await desktop.send('GET', `${DESKTOP_PATHS.files}/${id}/content`);
  return Buffer.from(await response.arrayBuffer());
};
const names = async () => (await desktop.folder('root')).files.map((file) => file.name);
const idOf = (url: string) => url.split('/').at(-1)!;

/** The name that an upload got. */
async function storedName(name: string): Promise<string> {
  const answer = await announce(desktop, { name, size: 1, bytes: Buffer.from('x') });
  const id = answer.headers.get('x-hanabi-file');
  return (await desktop.folder('root')).files.find((file) => file.id === id)!.name;
}

describe('an upload in pieces', () => {
  it('becomes a file with its last piece, and says which', async () => {
    const bytes = new Noise(300_000, 'pieces').bytes(0, 300_000);
    const url = await begin(desktop, { name: 'pieces.bin', size: bytes.length });
    expect(url).toMatch(/^\/api\/uploads\/[\w-]{22}$/);
    const first = await patch(desktop, url, 0, bytes.subarray(0, 100_000));
    expect(first.status).toBe(204);
    expect(first.headers.get('upload-offset')).toBe('100000');
    expect(Date.parse(first.headers.get('upload-expires')!)).toBeGreaterThan(Date.now());
    expect(first.headers.get('x-hanabi-file')).toBeNull();
    expect(first.headers.get('access-control-allow-origin')).toBeNull();
    expect(await names()).not.toContain('pieces.bin');
    const second = await patch(desktop, url, 100_000, bytes.subarray(100_000));
    expect(second.headers.get('upload-offset')).toBe('300000');
    const id = second.headers.get('x-hanabi-file')!;
    expect((await content(id)).equals(bytes)).toBe(true);
    expect(await names()).toContain('pieces.bin');
    expect(await readdir(join(server.data_dir, 'uploads'))).not.toContain(idOf(url));
  });

  it('may come with its announcement, and may be empty', async () => {
    const whole = await announce(desktop, { name: 'at-once.txt', size: 5, bytes: Buffer.from('hello') });
    expect(whole.status).toBe(201);
    expect((await content(whole.headers.get('x-hanabi-file')!)).toString()).toBe('hello');
    const empty = await announce(desktop, { name: 'empty.txt', size: 0 });
    expect((await content(empty.headers.get('x-hanabi-file')!)).length).toBe(0);
  });

  it('keeps both when the name is taken, and puts an accented name into one form', async () => {
    expect(await storedName('same.txt')).toBe('same.txt');
    expect(await storedName('same.txt')).toBe('same (2).txt');
    expect(await storedName('cafe\u0301.txt')).toBe('caf\u00e9.txt');
  });

  it('tells one who lost the last answer which file it became, once', async () => {
    const url = await begin(desktop, { name: 'lost-answer.txt', size: 3 });
    const file = (await patch(desktop, url, 0, Buffer.from('abc'))).headers.get('x-hanabi-file');
    const again = await head(desktop, url);
    expect(again.headers.get('upload-offset')).toBe('3');
    expect(again.headers.get('x-hanabi-file')).toBe(file);
    expect((await patch(desktop, url, 3, Buffer.alloc(0))).headers.get('x-hanabi-file')).toBe(file);
    expect((await names()).filter((name) => name.startsWith('lost-answer'))).toEqual(['lost-answer.txt']);
  });
});

describe('a connection that breaks off', () => {
  it('leaves what had come, and the rest may follow', async () => {
    const noise = new Noise(20_000_000, 'breaks');
    const url = await begin(desktop, { name: 'breaks.bin', size: noise.size });
    await new Promise<void>((resolve) => {
      const headers = {
        cookie: desktop.cookie,
        [CSRF_HEADER]: desktop.csrf,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': noise.size,
      };
      const sending = request(server.url + url, { method: 'PATCH', headers });
      sending.on('error', () => resolve());
      sending.write(noise.bytes(0, 5_000_000), () => sending.destroy());
    });
    await expect.poll(() => offsetOf(desktop, url)).toBeGreaterThan(0);
    const offset = await offsetOf(desktop, url);
    expect(offset).toBeLessThanOrEqual(5_000_000);
    const rest = await patchStream(desktop, url, {
      offset,
      length: noise.size - offset,
      chunks: noise.chunks(offset),
    });
    const id = (rest as { headers: Record<string, string> }).headers['x-hanabi-file']!;
    expect(sha256(await content(id))).toBe(noise.sha256());
  });

  it('that nobody closed makes way for the next', async () => {
    const noise = new Noise(2_000_000, 'stalls');
    const url = await begin(desktop, { name: 'stalls.bin', size: noise.size });
    const headers = {
      cookie: desktop.cookie,
      [CSRF_HEADER]: desktop.csrf,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': noise.size,
    };
    const stalled = request(server.url + url, { method: 'PATCH', headers });
    stalled.on('error', () => {});
    await new Promise((resolve) => stalled.write(noise.bytes(0, 1_000_000), resolve));
    await expect.poll(async () => (await stat(join(server.data_dir, 'uploads', idOf(url)))).size).toBe(1_000_000);
    expect(await offsetOf(desktop, url)).toBe(1_000_000);
    const rest = await patch(desktop, url, 1_000_000, noise.bytes(1_000_000, 2_000_000));
    expect(sha256(await content(rest.headers.get('x-hanabi-file')!))).toBe(noise.sha256());
    stalled.destroy();
  });
});

describe('a server that died after the last byte', () => {
  // What its successor finds in the table and on the disk, at each step of the end.
  it.each([
    ['before it knew the hash', { sealed: false, adopted: false }],
    ['before the bytes were a blob', { sealed: true, adopted: false }],
    ['before the blob was a file', { sealed: true, adopted: true }],
  ])('%s is followed by one that ends it', async (what, { sealed, adopted }) => {
    const bytes = Buffer.from(`the bytes of an upload that ended ${what}`);
    const name = `${what}.txt`;
    const url = await begin(desktop, { name, size: bytes.length });
    const path = join(server.data_dir, 'uploads', idOf(url));
    if (adopted) {
      await desktop.upload('the-same.txt', bytes);
      await rm(path);
    } else {
      await writeFile(path, bytes);
    }
    const db = await openDb(server.data_dir);
    const change = { offset_bytes: bytes.length, sha256: sealed ? sha256(bytes) : null };
    await db.updateTable('uploads').set(change).where('id', '=', idOf(url)).execute();
    await db.destroy();
    const answer = await head(desktop, url);
    expect((await content(answer.headers.get('x-hanabi-file')!)).equals(bytes)).toBe(true);
    expect((await names()).filter((candidate) => candidate === name)).toHaveLength(1);
  });
});

describe('what is refused', () => {
  it.each(['../x', 'a/b', '', '..', 'a\0b'])('the name %j', async (name) => {
    expect(await errorOf(await announce(desktop, { name, size: 1 }))).toMatchObject({ code: 'HANABI-F005' });
  });

  it('a folder of another user, or none', async () => {
    for (const folderId of [desktop.session.root_folder_id, 'nowhere', '']) {
      const response = await announce(stranger, { name: 'x', size: 1, folderId });
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F001' });
    }
  });

  it('another user’s upload, as if it were not there', async () => {
    const url = await begin(desktop, { name: 'mine.txt', size: 3 });
    const elsewhere = '/api/uploads/AAAAAAAAAAAAAAAAAAAAAA';
    for (const target of [url, elsewhere]) {
      expect((await head(stranger, target)).status).toBe(404);
      for (const response of [
        await patch(stranger, target, 0, Buffer.from('abc')),
        await send(stranger, 'DELETE', target),
      ]) {
        expect(response.status).toBe(404);
        expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F001' });
      }
    }
    expect(await offsetOf(desktop, url)).toBe(0);
  });

  it('one without a session or a token', async () => {
    const url = await begin(desktop, { name: 'guarded.txt', size: 3 });
    const bytes = Buffer.from('abc');
    expect((await patch(Object.assign(Object.create(desktop), { cookie: '' }), url, 0, bytes)).status).toBe(401);
    const forged = await patch(Object.assign(Object.create(desktop), { csrf: 'x' }), url, 0, bytes);
    expect(await errorOf(forged)).toMatchObject({ code: 'HANABI-A005' });
    expect(await offsetOf(desktop, url)).toBe(0);
  });

  it('more bytes than were announced, and more than there may be', async () => {
    const url = await begin(desktop, { name: 'more.txt', size: 3 });
    const response = await patch(desktop, url, 0, Buffer.from('abcd'));
    expect(response.status).toBe(413);
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F004' });
    expect(await offsetOf(desktop, url)).toBe(0);
    const huge = await announce(desktop, { name: 'huge.bin', size: LIMITS.upload_bytes_max + 1 });
    expect(await errorOf(huge)).toMatchObject({ code: 'HANABI-F004' });
  });

  it('a piece from another offset, which does not harm what is there', async () => {
    const url = await begin(desktop, { name: 'offset.txt', size: 6 });
    await patch(desktop, url, 0, Buffer.from('abc'));
    for (const offset of [0, 2, 4]) {
      const response = await patch(desktop, url, offset, Buffer.from('xx'));
      expect(response.status).toBe(409);
      expect((await errorOf(response)).code).toMatch(/^HANABI-V/);
    }
    const last = await patch(desktop, url, 3, Buffer.from('def'));
    expect((await content(last.headers.get('x-hanabi-file')!)).toString()).toBe('abcdef');
  });

  it.each([
    ['no version', 412, { 'tus-resumable': '' }],
    ['a length that is none', 400, { 'upload-length': '-1' }],
    ['a length that comes later', 400, { 'upload-length': '', 'upload-defer-length': '1' }],
    ['metadata that is none', 400, { 'upload-metadata': 'filename ***' }],
  ])('%s', async (_what, status, headers) => {
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
    const all = { cookie: desktop.cookie, [CSRF_HEADER]: desktop.csrf, 'tus-resumable': '1.0.0', 'upload-length': '1' };
    for (const [name, value] of Object.entries(headers)) if (value === '') delete all[name as keyof typeof all];
    const response = await fetch(server.url + DESKTOP_PATHS.uploads, { method: 'POST', headers: { ...all, ...sent } });
    expect([status, 501]).toContain(response.status);
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-V008' });
  });
});

describe('an upload that is given up', () => {
  it('by its user takes its bytes with it', async () => {
    const url = await begin(desktop, { name: 'given-up.txt', size: 6 });
    await patch(desktop, url, 0, Buffer.from('abc'));
    expect(await readdir(join(server.data_dir, 'uploads'))).toContain(idOf(url));
    expect((await send(desktop, 'DELETE', url)).status).toBe(204);
    expect((await head(desktop, url)).status).toBe(404);
    expect(await readdir(join(server.data_dir, 'uploads'))).not.toContain(idOf(url));
  });

  it('by everybody is cleared away in time, and a finished one leaves its file', async () => {
    const data_dir = await mkdtemp(join(tmpdir(), 'hanabi-expiry-'));
    const first = await startServer({ data_dir });
    const there = await Desktop.signIn(first.url);
    const url = await begin(there, { name: 'abandoned.txt', size: 6 });
    await patch(there, url, 0, Buffer.from('abc'));
    await begin(there, { name: 'never-sent.txt', size: 6 });
    await announce(there, { name: 'finished.txt', size: 1, bytes: Buffer.from('a') });
    const db = await openDb(data_dir);
    await db
      .updateTable('uploads')
      .set({ expires_at: new Date(0).toISOString() })
      .execute();
    expect((await head(there, url)).status).toBe(404);
    await first.stop();
    await writeFile(join(data_dir, 'uploads', 'of-nobody'), 'x');
    const second = await startServer({ data_dir });
    expect(await readdir(join(data_dir, 'uploads'))).toEqual([]);
    expect(await db.selectFrom('uploads').selectAll().execute()).toEqual([]);
    expect((await (await Desktop.signIn(second.url)).folder('root')).files).toMatchObject([{ name: 'finished.txt' }]);
    await db.destroy();
    await second.stop();
    await rm(data_dir, { recursive: true });
  });
});

describe('a quota', () => {
  it('is looked at before anything is sent, with all that has begun', async () => {
    const limited = await startServer({
      users: ['limited'],
      prepare: async (db) => {
        await db.updateTable('users').set({ storage_limit_bytes: 1000 }).where('name', '=', 'limited').execute();
      },
    });
    const user = await Desktop.signIn(limited.url, 'limited', 'limited');
    expect(await errorOf(await announce(user, { name: 'a', size: 1001 }))).toMatchObject({ code: 'HANABI-Q005' });
    const url = await begin(user, { name: 'b', size: 600 });
    expect(await errorOf(await announce(user, { name: 'c', size: 600 }))).toMatchObject({ code: 'HANABI-Q005' });
    const done = await patch(user, url, 0, Buffer.alloc(600, 'b'));
    expect(done.headers.get('x-hanabi-file')).toMatch(/^[\w-]{22}$/);
    // What became a file no longer counts as begun.
    await begin(user, { name: 'd', size: 400 });
    expect(await errorOf(await announce(user, { name: 'e', size: 1 }))).toMatchObject({ code: 'HANABI-Q005' });
    await limited.stop();
  });
});

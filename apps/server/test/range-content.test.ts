import { createHash } from 'node:crypto';
import { open, truncate } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { DESKTOP_PATHS, type FileEntry, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  server = await startServer();
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const url = (file: FileEntry, query = '') => `${DESKTOP_PATHS.files}/${file.id}/content${query}`;
const get = (file: FileEntry, headers: Record<string, string> = {}, method = 'GET') =>
  desktop.send(method, url(file), undefined, headers);
// Buffers are compared at once; vitest would look at each of a million numbers.
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

const sample = (size: number, seed = 1) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed) % 251);
const blobPath = (bytes: Uint8Array) => {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return join(server.data_dir, 'blobs', hash.slice(0, 2), hash);
};

// One that is checked before it is sent, and one that is a stream.
describe.each([
  ['small', 10_000],
  ['large', LIMITS.sent_at_once_bytes_max + 300_000],
])('the content of a %s file', (kind, size) => {
  const bytes = sample(size, size % 100);
  const tag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  let file: FileEntry;
  beforeAll(async () => {
    file = await desktop.upload(`${kind}.mp4`, bytes);
  });

  it('comes whole, with its tag and its length', async () => {
    const response = await get(file);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(size));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('etag')).toBe(tag);
    expect((await bytesOf(response)).equals(bytes)).toBe(true);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=100-', 100, size],
    ['bytes=-77', size - 77, size],
    ['bytes=3-4096', 3, 4097],
    ['bytes=9000-99999999', 9000, size],
  ])('comes in parts: %s', async (range, from, to) => {
    const response = await get(file, { range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${size}`);
    expect(response.headers.get('content-length')).toBe(String(to - from));
    expect((await bytesOf(response)).equals(bytes.subarray(from, to))).toBe(true);
  });

  it('comes whole when several parts are asked for, or another content', async () => {
    for (const headers of [{ range: 'bytes=0-1,5-6' }, { range: 'bytes=0-1', 'if-range': '"another"' }]) {
      const response = await get(file, headers as Record<string, string>);
      expect(response.status).toBe(200);
      expect((await bytesOf(response)).byteLength).toBe(size);
    }
    expect((await get(file, { range: 'bytes=0-1', 'if-range': tag })).status).toBe(206);
  });

  it('says how long it is to a range beyond its end', async () => {
    const response = await get(file, { range: `bytes=${size}-` });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${size}`);
    expect(await response.text()).toBe('');
  });

  it('is not sent again to one who has it', async () => {
    const response = await get(file, { 'if-none-match': tag });
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe(tag);
    expect(await response.text()).toBe('');
  });

  it('is described without being sent', async () => {
    const whole = await get(file, {}, 'HEAD');
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-length')).toBe(String(size));
    expect(whole.headers.get('etag')).toBe(tag);
    const part = await get(file, { range: 'bytes=5-9' }, 'HEAD');
    expect(part.status).toBe(206);
    expect(part.headers.get('content-length')).toBe('5');
    expect(part.headers.get('content-range')).toBe(`bytes 5-9/${size}`);
    expect(await part.text()).toBe('');
  });

  it('keeps its walls on every answer', async () => {
    for (const headers of [{}, { range: 'bytes=0-1' }, { range: 'bytes=999999999-' }, { 'if-none-match': tag }]) {
      const response = await get(file, headers as Record<string, string>);
      expect(response.headers.get('content-security-policy')).toContain('sandbox');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(response.headers.get('cache-control')).toBe('private, no-cache');
      await response.arrayBuffer();
    }
  });
});

describe('a type that is only played', () => {
  it('may be shown in place, and no other', async () => {
    const film = await desktop.upload('film.mp4', 'x');
    const shown = await desktop.send('GET', url(film, '?inline=1'), undefined, { range: 'bytes=0-0' });
    expect(shown.headers.get('content-type')).toBe('video/mp4');
    expect(shown.headers.get('content-disposition')).toMatch(/^inline;/);
    for (const name of ['list.m3u8', 'page.xhtml', 'page.html', 'drawing.svg', 'paper.pdf', 'x.xml', 'x.js']) {
      const other = await desktop.send('GET', url(await desktop.upload(name, name), '?inline=1'));
      expect(other.headers.get('content-type'), name).toBe('application/octet-stream');
      expect(other.headers.get('content-disposition'), name).toMatch(/^attachment;/);
    }
  });
});

async function flip(path: string, position: number): Promise<void> {
  const handle = await open(path, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
  await handle.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, position);
  await handle.close();
}

describe('damage on the disk', () => {
  it('of a small content is an error, for a part too', async () => {
    const bytes = sample(5000, 7);
    const file = await desktop.upload('small-damaged.bin', bytes);
    await flip(blobPath(bytes), 4000);
    for (const range of ['bytes=0-10', '']) {
      const response = await get(file, range ? { range } : {});
      expect(response.status).toBe(500);
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F007' });
    }
  });

  it.each([
    ['a flipped bit', (path: string) => flip(path, 10)],
    ['missing bytes', (path: string) => truncate(path, LIMITS.sent_at_once_bytes_max + 1)],
  ])('of a large content breaks the download off: %s', async (what, damage) => {
    const bytes = sample(LIMITS.sent_at_once_bytes_max + 500_000, what.length);
    const file = await desktop.upload('large-damaged.bin', bytes);
    await damage(blobPath(bytes));
    await expect(bytesOf(await get(file))).rejects.toThrow();
  });

  it.each([
    ['a flipped bit elsewhere', (path: string) => flip(path, 10)],
    ['missing bytes', (path: string) => truncate(path, LIMITS.sent_at_once_bytes_max)],
  ])('of a large content is an error for each part of it: %s', async (what, damage) => {
    const bytes = sample(LIMITS.sent_at_once_bytes_max + 600_000, 3 + what.length);
    const file = await desktop.upload('part-damaged.bin', bytes);
    await damage(blobPath(bytes));
    for (const range of ['bytes=1000000-', 'bytes=0-', 'bytes=-5']) {
      expect(await errorOf(await get(file, { range })), range).toMatchObject({ code: 'HANABI-F007' });
    }
  });

  it('that took the content away is an error', async () => {
    const bytes = sample(LIMITS.sent_at_once_bytes_max + 700_000, 4);
    const file = await desktop.upload('gone.bin', bytes);
    await truncate(blobPath(bytes), 0);
    expect(await errorOf(await get(file))).toMatchObject({ code: 'HANABI-F007' });
  });
});

describe('a slow reader', () => {
  it('is not read ahead for', async () => {
    const bytes = sample(24 * 1024 * 1024, 9);
    const file = await desktop.upload('slow.bin', bytes);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(server.url + url(file), { headers: { cookie: desktop.cookie } }, resolve)
        .on('error', reject)
        .end();
    });
    // Others are served while nobody reads this one, and what is read at last is right.
    answer.pause();
    const other = await desktop.upload('other.txt', 'other');
    expect(await (await get(other)).text()).toBe('other');
    const hash = createHash('sha256');
    for await (const chunk of answer) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { DESKTOP_PATHS, type FileRef } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const dir = await makeModule({ id: 'reader', permissions: ['files.read', 'files.write'] });
  server = await startServer({ env: { HANABI_MODULE_DIRS: dir }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const content = (id: string, query = '') => desktop.send('GET', `${DESKTOP_PATHS.files}/${id}/content${query}`);

describe('an upload', () => {
  it('comes back byte for byte, and lies on the disk under its checksum', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251);
    const file = await desktop.upload('photo.jpg', bytes);
    expect(file).toMatchObject({ name: 'photo.jpg', mime_type: 'image/jpeg', size_bytes: 300_000 });
    // A vitest matcher looks at each byte by itself, for seconds.
    expect(Buffer.from(await (await content(file.id)).arrayBuffer()).equals(bytes)).toBe(true);
    const hash = createHash('sha256').update(bytes).digest('hex');
    expect((await readFile(join(server.data_dir, 'blobs', hash.slice(0, 2), hash))).equals(bytes)).toBe(true);
  });

  it('keeps both when the name is taken', async () => {
    await desktop.upload('twice.txt', 'one');
    expect((await desktop.upload('twice.txt', 'two')).name).toBe('twice (2).txt');
    expect((await desktop.upload('twice.txt', 'three')).name).toBe('twice (3).txt');
  });

  it('may be empty', async () => {
    const file = await desktop.upload('empty.txt', '');
    expect(await (await content(file.id)).text()).toBe('');
  });

  it('that breaks off stores nothing', async () => {
    await new Promise<void>((resolve) => {
      const path = `${DESKTOP_PATHS.folders}/root/files?name=broken.bin`;
      const headers = {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'content-type': 'application/octet-stream',
        'content-length': 1_000_000,
      };
      const upload = request(server.url + path, { method: 'PUT', headers });
      upload.on('error', () => resolve());
      upload.write(Buffer.alloc(1000), () => upload.destroy());
    });
    const { files } = await desktop.folder('root');
    expect(files.map((file) => file.name)).not.toContain('broken.bin');
    await expect.poll(() => readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
  });

  it.each(['../x', 'a/b', '', '..', 'a\0b'])('refuses the name %j', async (name) => {
    expect(await errorOf(await desktop.sendUpload(name, 'x'))).toMatchObject({ code: 'HANABI-F005' });
  });

  it('goes nowhere in another user’s folder', async () => {
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const response = await stranger.sendUpload('x.txt', 'x', desktop.session.root_folder_id);
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F001' });
  });
});

describe('a download', () => {
  it('is never a document of the desktop’s origin', async () => {
    const page = await desktop.upload('page.html', '<script>alert(1)</script>');
    for (const query of ['', '?inline=1']) {
      const { headers } = await content(page.id, query);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('content-security-policy')).toContain('sandbox');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
    const drawing = await desktop.upload('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect((await content(drawing.id, '?inline=1')).headers.get('content-disposition')).toMatch(/^attachment;/);
  });

  it('of a picture may be painted in place', async () => {
    const picture = await desktop.upload('p.png', 'not really');
    const { headers } = await content(picture.id, '?inline=1');
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.get('content-disposition')).toMatch(/^inline;/);
  });

  it('carries any name safely in its header', async () => {
    const file = await desktop.upload('花火 (1)\'"; x.txt', 'x');
    const header = (await content(file.id)).headers.get('content-disposition')!;
    expect(header).toMatch(/^attachment; filename\*=UTF-8''[A-Za-z0-9%._~-]+$/);
    expect(decodeURIComponent(header.split("''")[1]!)).toBe(file.name);
  });

  it('of another user’s file is not found', async () => {
    const file = await desktop.upload('private.txt', 'x');
    const stranger = await Desktop.signIn(server.url, 'other', 'other');
    const response = await stranger.send('GET', `${DESKTOP_PATHS.files}/${file.id}/content`);
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F001' });
  });
});

describe('damaged content', () => {
  it('is reported and never served as good', async () => {
    const launch = await desktop.launch('reader');
    const written = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name: 'good.txt', bytesB64: 'Z29vZCBieXRlcw==' });
    const { file } = written.data as { file: FileRef };
    const hash = createHash('sha256').update('good bytes').digest('hex');
    await writeFile(join(server.data_dir, 'blobs', hash.slice(0, 2), hash), 'gooe bytes');
    const answer = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id });
    expect(answer.error).toMatchObject({ code: 'HANABI-F007', category: 'FAILED' });
    expect(answer.error.requestId).toMatch(/^[\w-]{12}-\w+$/);
  });
});

describe('a new folder', () => {
  it('refuses unsafe and taken names', async () => {
    const make = (name: string) => desktop.send('POST', DESKTOP_PATHS.folders, { parent_id: 'x', name });
    const root = desktop.session.root_folder_id;
    const makeHere = (name: string) => desktop.send('POST', DESKTOP_PATHS.folders, { parent_id: root, name });
    expect((await makeHere('Trip')).status).toBe(201);
    expect(await errorOf(await makeHere('Trip'))).toMatchObject({ code: 'HANABI-F006' });
    expect(await errorOf(await makeHere('..'))).toMatchObject({ code: 'HANABI-F005' });
    expect(await errorOf(await make('x'))).toMatchObject({ code: 'HANABI-F001' });
  });
});

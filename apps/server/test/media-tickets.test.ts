import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { get, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { DESKTOP_PATHS, type FileEntry, type Launch, LIMITS, type Results } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretHash } from '../src/ids.ts';
import type { LaunchRow } from '../src/modules/launches.ts';
import { MediaTickets } from '../src/modules/media-tickets.ts';
import type { FileRow } from '../src/storage/file-tree.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
beforeAll(async () => {
  const dirs = [
    await makeModule({ id: 'player', permissions: ['files.read'] }),
    await makeModule({ id: 'deaf', permissions: [] }),
  ];
  server = await startServer({ env: { HANABI_MODULE_DIRS: dirs.join(':') } });
  desktop = await Desktop.signIn(server.url);
});
afterAll(() => server.stop());

const bytes = Buffer.alloc(200_000, 'la la la ');
const hashOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

/** A ticket as the server would sign it, for what no capability would be answered with. */
async function sign(
  launch: Launch,
  file: FileEntry,
  { sha256 = hashOf(bytes), expires = Date.now() + 60_000, session = desktop } = {},
): Promise<string> {
  const tickets = await MediaTickets.open(server.data_dir);
  const session_hash = secretHash(session.cookie.split('=')[1]!);
  return tickets.sign({ id: launch.id, session_hash } as LaunchRow, { id: file.id, sha256 } as FileRow, expires);
}

const media = (ticket: string, init: RequestInit = {}) => fetch(`${server.url}/runtime/media/${ticket}`, init);

async function playing(): Promise<{ launch: Launch; file: FileEntry; ticket: string }> {
  const file = await desktop.upload('song.mp3', bytes);
  const launch = await desktop.launch('player', { file_id: file.id });
  return { launch, file, ticket: await sign(launch, file) };
}

async function expectDead(ticket: string): Promise<void> {
  const response = await media(ticket);
  expect(response.status).toBe(404);
  expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F011', category: 'NOT_FOUND' });
}

describe('OPEN_MEDIA', () => {
  it('gives an address that a frame can play and seek in, without a cookie', async () => {
    const { launch, file } = await playing();
    const answer = await desktop.ask(launch, 'HANABI_OPEN_MEDIA', { fileId: file.id });
    const { url, ...rest } = answer.data as Results['HANABI_OPEN_MEDIA'];
    const expires_in = LIMITS.media_ticket_ms / 1000;
    expect(rest).toEqual({ name: file.name, mime_type: 'audio/mpeg', size_bytes: bytes.length, expires_in });
    const response = await fetch(new URL(url, server.url), { headers: { origin: 'null', range: 'bytes=9-20' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 9-20/${bytes.length}`);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(9, 21))).toBe(true);
  });

  it('refuses what the module may not read', async () => {
    const file = await desktop.upload('secret.mp3', bytes);
    const reader = await desktop.launch('player');
    expect((await desktop.ask(reader, 'HANABI_OPEN_MEDIA', { fileId: file.id })).error.code).toBe('HANABI-F002');
    const deaf = await desktop.launch('deaf', { file_id: file.id });
    expect((await desktop.ask(deaf, 'HANABI_OPEN_MEDIA', { fileId: file.id })).error.code).toBe('HANABI-P001');
  });
});

describe('a ticket', () => {
  it('works for HEAD too, and is not for keeping', async () => {
    const { ticket } = await playing();
    const response = await media(ticket, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('of anything that is not painted or played is only for saving', async () => {
    for (const name of ['page.html', 'drawing.svg', 'script.js', 'list.m3u8']) {
      const content = Buffer.from(`<script>parent.postMessage(1)</script>${name}`);
      const file = await desktop.upload(name, content);
      const launch = await desktop.launch('player', { file_id: file.id });
      const { headers } = await media(await sign(launch, file, { sha256: hashOf(content) }));
      expect(headers.get('content-type'), name).toBe('application/octet-stream');
      expect(headers.get('content-disposition'), name).toMatch(/^attachment;/);
      expect(headers.get('content-security-policy'), name).toContain('sandbox');
    }
  });

  it('cannot be forged, lengthened or bent to another file', async () => {
    const { ticket } = await playing();
    const [launch, file, sha256, expires, seal] = ticket.split('.') as [string, string, string, string, string];
    const other = await desktop.upload('other.mp3', 'other');
    const later = (Number.parseInt(expires, 36) + 1).toString(36);
    for (const forged of [
      [launch, other.id, sha256, expires, seal],
      [launch, other.id, hashOf(Buffer.from('other')), expires, seal],
      [launch, file, sha256, later, seal],
      [launch, file, sha256, expires, seal.slice(0, -1)],
      [launch, file, sha256, expires, ''],
      [launch, file, sha256, expires],
      [launch, file, sha256, expires, seal, seal],
      ['__proto__', file, sha256, expires, seal],
      ['x'],
    ]) {
      await expectDead(forged.join('.'));
    }
    expect((await media(ticket)).status).toBe(200);
  });

  it('expires', async () => {
    const { launch, file } = await playing();
    await expectDead(await sign(launch, file, { expires: Date.now() - 1 }));
  });

  it('of another session does not open this one’s files', async () => {
    const { launch, file } = await playing();
    await expectDead(await sign(launch, file, { session: await Desktop.signIn(server.url) }));
  });

  it('does not reach what the module could not ask for', async () => {
    const file = await desktop.upload('not-opened.mp3', bytes);
    await expectDead(await sign(await desktop.launch('player'), file));
    await expectDead(await sign(await desktop.launch('deaf', { file_id: file.id }), file));
  });

  it('dies with its window', async () => {
    const { launch, ticket } = await playing();
    expect((await media(ticket)).status).toBe(200);
    await desktop.send('DELETE', `${DESKTOP_PATHS.launches}/${launch.id}`);
    await expectDead(ticket);
  });

  it('dies with its session', async () => {
    const session = await Desktop.signIn(server.url);
    const file = await session.upload('session.mp3', bytes);
    const launch = await session.launch('player', { file_id: file.id });
    const ticket = await sign(launch, file, { session });
    expect((await media(ticket)).status).toBe(200);
    await session.send('DELETE', DESKTOP_PATHS.session);
    await expectDead(ticket);
  });

  it('dies with the content that it was made for', async () => {
    const { launch, file } = await playing();
    await expectDead(await sign(launch, file, { sha256: hashOf(Buffer.from('what it was before')) }));
  });

  it('dies when its file goes into the Trash', async () => {
    const { file, ticket } = await playing();
    const trashed = await desktop.send('POST', `${DESKTOP_PATHS.items}/trash`, { items: [{ file_id: file.id }] });
    expect(trashed.status).toBe(204);
    await expectDead(ticket);
  });

  it('lasts through a restart of the API process', async () => {
    const { ticket } = await playing();
    const again = await MediaTickets.open(server.data_dir);
    const parts = ticket.split('.');
    expect(again.read(ticket, () => secretHash(desktop.cookie.split('=')[1]!))).toMatchObject({ launchId: parts[0] });
  });
});

describe('what is being played', () => {
  it('stops in the middle when its window closes', async () => {
    const film = Buffer.alloc(64 * 1024 * 1024, 'frame');
    const file = await desktop.upload('film.mp4', film);
    const launch = await desktop.launch('player', { file_id: file.id });
    const ticket = await sign(launch, file, { sha256: hashOf(film) });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${server.url}/runtime/media/${ticket}`, resolve).on('error', reject).end();
    });
    await once(answer, 'readable');
    const broken = once(answer, 'error');
    await desktop.send('DELETE', `${DESKTOP_PATHS.launches}/${launch.id}`);
    answer.resume();
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('the key', () => {
  it('is this installation’s own, and nobody else may read it', async () => {
    const path = join(server.data_dir, 'media.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path)).toHaveLength(32);
  });
});

describe('with an origin of their own for modules', () => {
  it('media is served there and nowhere else', async () => {
    const dir = await makeModule({ id: 'player', permissions: ['files.read'] });
    const env = { HANABI_MODULE_DIRS: dir, HANABI_MODULE_ORIGIN: 'http://{id}.modules.test' };
    const apart = await startServer({ env });
    try {
      const there = await Desktop.signIn(apart.url);
      const file = await there.upload('song.mp3', bytes);
      const launch = await there.launch('player', { file_id: file.id });
      const answer = await there.ask(launch, 'HANABI_OPEN_MEDIA', { fileId: file.id });
      const url = new URL((answer.data as Results['HANABI_OPEN_MEDIA']).url);
      expect(url.origin).toBe('http://player.modules.test');
      const status = (host?: string) =>
        new Promise<number>((resolve, reject) => {
          const { hostname, port } = new URL(apart.url);
          get({ hostname, port, path: url.pathname, headers: host ? { host } : {} }, (response) => {
            response.resume();
            resolve(response.statusCode!);
          }).on('error', reject);
        });
      expect(await status('player.modules.test')).toBe(200);
      expect(await status()).toBe(404);
    } finally {
      await apart.stop();
    }
  });
});

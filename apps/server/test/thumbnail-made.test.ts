import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DESKTOP_PATHS, type FileEntry, LIMITS } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../src/storage/db.ts';
import { openDb } from './harness/engine.ts';
import { Desktop, errorOf } from './harness/desktop.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';

let server: RunningServer;
let desktop: Desktop;
let db: Db;
beforeAll(async () => {
  server = await startServer({ env: { HANABI_WORKER_SANDBOX_BACKEND: 'bubblewrap' }, users: ['other'] });
  desktop = await Desktop.signIn(server.url);
  db = await openDb(server.data_dir);
});
afterAll(async () => {
  await db.destroy();
  await server.stop();
});

const photo = () =>
  readFile(new URL('../../../examples/modules/thumbnails/tests/sample-inputs/lanterns.jpg', import.meta.url));
const ask = (file: Pick<FileEntry, 'id'>, headers: Record<string, string> = {}, method = 'GET', by = desktop) =>
  by.send(method, `${DESKTOP_PATHS.files}/${file.id}/thumbnail`, undefined, headers);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const rowOf = (bytes: Uint8Array) =>
  db.selectFrom('thumbnails').selectAll().where('source_sha256', '=', sha256(bytes)).executeTakeFirst();

/** A picture that Pillow drew. */
function drawn(script: string): Buffer {
  const code = `import io,sys\nfrom PIL import Image\nout=io.BytesIO()\n${script}\nsys.stdout.buffer.write(out.getvalue())`;
  return spawnSync('/usr/bin/python3', ['-c', code], { maxBuffer: 64 * 1024 * 1024 }).stdout;
}

/** Width, height and mode of a picture, as Pillow sees them. */
function seen(bytes: Buffer): string {
  const code =
    'import io,sys\nfrom PIL import Image\ni=Image.open(io.BytesIO(sys.stdin.buffer.read()))\nprint(i.width,i.height,i.mode,len(i.getexif()))';
  return spawnSync('/usr/bin/python3', ['-c', code], { input: bytes, encoding: 'utf8' }).stdout.trim();
}

describe('the thumbnail of a photograph', () => {
  it('is small, private, and asked for only once', async () => {
    const bytes = await photo();
    const file = await desktop.upload('lanterns.jpg', bytes);
    const response = await ask(file);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('content-disposition')).toMatch(/^inline/);
    expect(response.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/);
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    const small = Buffer.from(await response.arrayBuffer());
    const [width, height] = seen(small).split(' ').map(Number) as [number, number];
    expect(Math.max(width, height)).toBe(LIMITS.thumbnail_px_max);
    const tag = response.headers.get('etag')!;
    expect(tag).toBe(`"${sha256(small)}"`);
    expect((await ask(file, { 'if-none-match': tag })).status).toBe(304);
    expect((await ask(file, {}, 'HEAD')).headers.get('content-length')).toBe(String(small.length));
  });

  it('is made once for a content, however many ask at the same time and whoever has it', async () => {
    const bytes = drawn('Image.new("RGB",(900,300),(10,200,90)).save(out,"PNG")');
    const files = [];
    for (const name of ['a.png', 'b.png', 'c.png']) files.push(await desktop.upload(name, bytes));
    const answers = await Promise.all([...files, ...files].map((file) => ask(file)));
    expect(new Set(answers.map((answer) => answer.headers.get('etag'))).size).toBe(1);
    const made = (await rowOf(bytes))!.made_at;
    const other = await Desktop.signIn(server.url, 'other', 'other');
    const theirs = await other.upload('theirs.png', bytes);
    expect((await ask(theirs, {}, 'GET', other)).status).toBe(200);
    expect((await rowOf(bytes))!.made_at).toBe(made);
  });

  it('stands upright, and tells nothing of the camera', async () => {
    const turned = drawn(
      'e=Image.Exif()\ne[0x0112]=6\ne[0x010F]="Camera"\nImage.new("RGB",(800,400),(250,1,1)).save(out,"JPEG",exif=e)',
    );
    const response = await ask(await desktop.upload('turned.jpg', turned));
    expect(seen(Buffer.from(await response.arrayBuffer()))).toBe('128 256 RGB 0');
  });

  it('keeps what shines through', async () => {
    for (const [name, script] of [
      ['glass.png', 'Image.new("RGBA",(600,600),(1,2,3,0)).save(out,"PNG")'],
      ['glass.webp', 'Image.new("RGBA",(600,600),(1,2,3,9)).save(out,"WEBP",lossless=True)'],
    ] as const) {
      const response = await ask(await desktop.upload(name, drawn(script)));
      expect(response.headers.get('content-type'), name).toBe('image/png');
      expect(seen(Buffer.from(await response.arrayBuffer())), name).toBe('256 256 RGBA 0');
    }
  });

  it.each([
    ['x.gif', 'Image.new("P",(300,200)).save(out,"GIF")'],
    ['x.bmp', 'Image.new("RGB",(300,200)).save(out,"BMP")'],
    ['x.tiff', 'Image.new("CMYK",(300,200)).save(out,"TIFF")'],
    ['x.png', 'Image.new("I;16",(300,200)).save(out,"PNG")'],
    ['tiny.png', 'Image.new("RGB",(1,1)).save(out,"PNG")'],
  ])('is there for %s', async (name, script) => {
    const response = await ask(await desktop.upload(name, drawn(script)));
    expect(response.headers.get('content-type')).toMatch(/^image\/(png|jpeg)$/);
  });
});

async function none(file: FileEntry): Promise<void> {
  const response = await ask(file);
  expect(response.status).toBe(404);
  expect(await errorOf(response)).toMatchObject({ code: 'HANABI-F001' });
}

describe('no thumbnail', () => {
  it('has what is no picture', async () => {
    await none(await desktop.upload('words.txt', 'words'));
    await none(await desktop.upload('drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'));
  });

  it('has a broken picture, which is looked at once', async () => {
    const bytes = Buffer.concat([(await photo()).subarray(0, 300), Buffer.from('broken off')]);
    const file = await desktop.upload('broken.jpg', bytes);
    await none(file);
    const row = (await rowOf(bytes))!;
    expect(row.sha256).toBeNull();
    await none(file);
    expect(await rowOf(bytes)).toEqual(row);
    // But not for ever: it may have been the machine.
    await db
      .updateTable('thumbnails')
      .set({ made_at: new Date(0).toISOString() })
      .execute();
    await none(file);
    expect(Date.parse((await rowOf(bytes))!.made_at)).toBeGreaterThan(0);
  });

  it('has one that claims to be as large as a wall', async () => {
    const bytes = drawn('Image.new("1",(15000,15000)).save(out,"PNG")');
    expect(bytes.length).toBeLessThan(1_000_000);
    await none(await desktop.upload('wall.png', bytes));
    expect((await rowOf(bytes))!.sha256).toBeNull();
  });

  it('has one that is only called a picture', async () => {
    await none(await desktop.upload('page.png', '<script>alert(1)</script>'));
    await none(await desktop.upload('print.png', '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n'));
  });

  it('has another user’s picture', async () => {
    const file = await desktop.upload('mine.jpg', await photo());
    const other = await Desktop.signIn(server.url, 'other', 'other');
    expect(await errorOf(await ask(file, {}, 'GET', other))).toMatchObject({ code: 'HANABI-F001' });
  });
});

describe('a thumbnail that is damaged or gone', () => {
  it.each([
    ['damaged', (path: string) => writeFile(path, 'not it')],
    ['gone', (path: string) => rm(path)],
  ])('is made anew: %s', async (what, damage) => {
    const bytes = drawn(`Image.new("RGB",(500,${what.length * 50}),(3,3,3)).save(out,"PNG")`);
    const file = await desktop.upload(`${what}.png`, bytes);
    const first = Buffer.from(await (await ask(file)).arrayBuffer());
    const hash = sha256(first);
    await damage(join(server.data_dir, 'blobs', hash.slice(0, 2), hash));
    const second = await ask(file);
    expect(second.status).toBe(200);
    expect(Buffer.from(await second.arrayBuffer()).equals(first)).toBe(true);
  });
});

describe('without a sandbox', () => {
  it('there are none, and none is taken for broken', async () => {
    const bare = await startServer();
    const there = await Desktop.signIn(bare.url);
    const bytes = await photo();
    const file = await there.upload('lanterns.jpg', bytes);
    const response = await ask(file, {}, 'GET', there);
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toMatchObject({ code: 'HANABI-W002' });
    const bareDb = await openDb(bare.data_dir);
    expect(await bareDb.selectFrom('thumbnails').selectAll().execute()).toEqual([]);
    await bareDb.destroy();
    await bare.stop();
  });
});

/** The whole server with its contents in an S3 store. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS, MIB } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { checkStorage, hanabiWith } from './harness/hanabi.ts';
import { copy, fileRef } from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { hasSwift, type S3Server, startS3 } from './harness/s3-server.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { sha256Of } from './harness/storage.ts';
import { announce, begin, head, Noise, offsetOf, patch } from './upload-client.ts';

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const objectOf = (bytes: Uint8Array | string) => `${sha256Of(bytes).slice(0, 2)}/${sha256Of(bytes)}`;

describe.skipIf(!hasSwift)('a server on an S3 store', () => {
  let s3: S3Server;
  let server: RunningServer;
  let desktop: Desktop;
  let settings: Record<string, string>;
  beforeAll(async () => {
    s3 = await startS3();
    settings = {
      HANABI_S3_ENDPOINT: s3.settings.endpoint,
      HANABI_S3_BUCKET: s3.settings.bucket,
      HANABI_S3_REGION: s3.settings.region,
      HANABI_S3_ACCESS_KEY_ID: s3.settings.access_key_id,
      HANABI_S3_SECRET_ACCESS_KEY: s3.settings.secret_access_key,
    };
    const dir = await makeModule({ id: 'writer', permissions: ['files.read', 'files.write'] });
    server = await startServer({ env: { ...settings, HANABI_MODULE_DIRS: dir } });
    desktop = await Desktop.signIn(server.url);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await s3?.stop();
  });

  const content = (id: string, headers: Record<string, string> = {}) =>
    desktop.send('GET', `${DESKTOP_PATHS.files}/${id}/content`, undefined, headers);

  it('keeps what is uploaded and what modules write in the bucket, and nothing of it on its disk', async () => {
    for (const size of [0, 10, 3 * MIB]) {
      const bytes = randomBytes(size);
      const file = await desktop.upload(`plain-${size}.bin`, bytes);
      expect((await bytesOf(await content(file.id))).equals(bytes)).toBe(true);
      expect((await s3.client.getObjectArrayBuffer(objectOf(bytes)))?.byteLength).toBe(size);
    }
    const launch = await desktop.launch('writer');
    const written = await desktop.ask(launch, 'HANABI_WRITE_FILE', {
      name: 'w.txt',
      bytesB64: Buffer.from('written').toString('base64'),
    });
    const { id } = written.data['file'] as { id: string };
    const read = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: id });
    expect(Buffer.from(read.data['bytesB64'] as string, 'base64').toString()).toBe('written');
    const [copied] = await copy(desktop, [fileRef({ id })], desktop.session.root_folder_id);
    expect(await (await content(copied!.id)).text()).toBe('written');
    expect(await readdir(join(server.data_dir, 'blobs'))).toEqual(['incoming']);
    expect(await readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
  });

  it('takes resumable uploads, and gives parts of them', async () => {
    const noise = new Noise(20 * MIB, 's3');
    const url = await begin(desktop, { name: 'film.mkv', size: noise.size });
    for (const to of [7 * MIB, 15 * MIB, noise.size]) {
      const offset = await offsetOf(desktop, url);
      expect((await patch(desktop, url, offset, noise.bytes(offset, to))).status).toBe(204);
    }
    const id = (await head(desktop, url)).headers.get('x-hanabi-file')!;
    expect(sha256Of(await bytesOf(await content(id)))).toBe(noise.sha256());
    const part = await content(id, { range: `bytes=${5 * MIB + 3}-${9 * MIB}` });
    expect(part.status).toBe(206);
    expect((await bytesOf(part)).equals(noise.bytes(5 * MIB + 3, 9 * MIB + 1))).toBe(true);
    const small = await announce(desktop, { name: 'one.txt', size: 3, bytes: Buffer.from('one') });
    expect(await (await content(small.headers.get('x-hanabi-file')!)).text()).toBe('one');
    expect(await readdir(join(server.data_dir, 'uploads'))).toEqual([]);
  });

  it('is checked and exported like any other', async () => {
    const env = { HANABI_DATA_DIR: server.data_dir, ...settings };
    expect(await checkStorage(env)).toMatchObject({ status: 0, troubles: [] });
    const good = await desktop.upload('good.txt', 'good');
    const bad = await desktop.upload('bad.txt', 'bad!');
    await desktop.upload('gone.txt', 'gone');
    await s3.client.putObject(objectOf('bad!'), 'baD!');
    await s3.client.deleteObject(objectOf('gone'));
    expect(await errorOf(await content(bad.id))).toMatchObject({ code: 'HANABI-F007' });
    expect(await (await content(good.id)).text()).toBe('good');
    const { status, troubles } = await checkStorage(env);
    expect(status).toBe(1);
    expect(troubles.map(({ problem, files }) => [problem, ...files])).toEqual(
      expect.arrayContaining([
        ['damaged', 'admin: bad.txt'],
        ['missing', 'admin: gone.txt'],
      ]),
    );
    const out = await mkdtemp(join(tmpdir(), 'hanabi-export-'));
    const exported = await hanabiWith(env, 'export', '--user', 'admin', '--out', out);
    expect(exported.status).toBe(1);
    expect(await readFile(join(out, 'good.txt'), 'utf8')).toBe('good');
    expect(await readdir(out)).not.toContain('bad.txt');
    await rm(out, { recursive: true, force: true });
  });

  it('says so when the store is away, and goes on when it is back', async () => {
    const file = await desktop.upload('before.txt', 'before');
    await s3.pause();
    const refused = await desktop.sendUpload('while.txt', 'while');
    expect(await errorOf(refused)).toMatchObject({ code: 'HANABI-F012' });
    expect((await content(file.id)).status).toBe(503);
    expect(await readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
    expect((await desktop.folder('root')).files.map(({ name }) => name)).not.toContain('while.txt');
    await s3.resume();
    expect(await (await content(file.id)).text()).toBe('before');
    expect((await desktop.sendUpload('after.txt', 'after')).status).toBe(201);
  });
});

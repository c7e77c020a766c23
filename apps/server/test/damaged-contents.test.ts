/** Contents that rot on the disk: every way to read them ends in an error, and none in wrong bytes. */
import { execFileSync } from 'node:child_process';
import { chmod, open, rename, rm, truncate } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { DESKTOP_PATHS, type FileEntry, type Launch, MIB } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { grant } from './harness/grant.ts';
import { checkStorage } from './harness/hanabi.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { blobPath } from './harness/storage.ts';
import { Noise } from './upload-client.ts';

const DAMAGED = { code: 'HANABI-F007', category: 'FAILED' };
const LARGE_BYTES = 5 * MIB + 123;

let server: RunningServer;
let desktop: Desktop;
let launch: Launch;
beforeAll(async () => {
  const dir = await makeModule({ id: 'reader', permissions: ['files.read', 'files.read.all'] });
  server = await startServer({
    env: { HANABI_MODULE_DIRS: dir },
    prepare: (db) => grant(db, 'reader', ['files.read.all']),
  });
  desktop = await Desktop.signIn(server.url);
  launch = await desktop.launch('reader');
});
afterAll(() => server.stop());

/** One bit, and with the times as they were: as a disk does it, as far as one can from above. */
async function flip(path: string, position: number): Promise<void> {
  const reference = `${path}.times`;
  execFileSync('touch', ['--reference', path, reference]);
  await chmod(path, 0o644);
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  byte[0]! ^= 0x10;
  await handle.write(byte, 0, 1, position);
  await handle.close();
  execFileSync('touch', ['--reference', reference, path]);
  await rm(reference);
}

interface Received {
  status: number;
  bytes: Buffer;
  complete: boolean;
}

/** What arrived, be it all or not. */
function download(path: string, headers: Record<string, string> = {}): Promise<Received> {
  return new Promise((resolve, reject) => {
    const receive = (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({ status: response.statusCode!, bytes: Buffer.concat(parts), complete: response.complete }),
      );
    };
    get(server.url + path, { headers: { cookie: desktop.cookie, ...headers }, agent: false }, receive).on(
      'error',
      reject,
    );
  });
}

const contentPath = ({ id }: FileEntry) => `${DESKTOP_PATHS.files}/${id}/content`;

async function expectRefused(file: FileEntry): Promise<void> {
  for (const encoding of ['base64', 'buffer']) {
    const { error } = await desktop.ask(launch, 'HANABI_READ_FILE', { fileId: file.id, encoding });
    expect(error).toMatchObject(DAMAGED);
  }
  const range = await desktop.send('GET', contentPath(file), undefined, { range: 'bytes=0-9' });
  expect(await errorOf(range)).toMatchObject(DAMAGED);
}

describe('one flipped bit', () => {
  it('in a small file is an error of every way to read it', async () => {
    const file = await desktop.upload('small.txt', 'a small content');
    expect((await download(contentPath(file))).status).toBe(200);
    await flip(blobPath(server.data_dir, 'a small content'), 3);
    const whole = await desktop.send('GET', contentPath(file));
    expect(whole.status).toBe(500);
    expect(await errorOf(whole)).toMatchObject(DAMAGED);
    await expectRefused(file);
  });

  it.each([0, 2 * MIB + 5, LARGE_BYTES - 1])('at %d of a large file breaks the download off', async (position) => {
    const noise = new Noise(LARGE_BYTES, `flipped at ${position}`);
    const bytes = noise.bytes(0, noise.size);
    const file = await desktop.upload('large.bin', bytes);
    const path = blobPath(server.data_dir, bytes);
    // It was good a moment ago, and read as such.
    const before = await download(contentPath(file));
    expect(before).toMatchObject({ status: 200, complete: true });
    expect(before.bytes.equals(bytes)).toBe(true);
    await flip(path, position);
    const whole = await download(contentPath(file));
    expect(whole.complete && whole.status === 200).toBe(false);
    expect(whole.bytes.byteLength).toBeLessThan(LARGE_BYTES);
    const zip = await download(`${DESKTOP_PATHS.zip}?name=x.zip&file=${file.id}`);
    expect(zip.complete && zip.status === 200).toBe(false);
    const part = await download(contentPath(file), { range: `bytes=${Math.max(0, position - 10)}-${position}` });
    expect(part.status).toBe(500);
    // Set right again, it is served again.
    await flip(path, position);
    const after = await download(contentPath(file));
    expect(after).toMatchObject({ status: 200, complete: true });
    expect(after.bytes.equals(bytes)).toBe(true);
  });

  it('is no file of another, either: one that is cut short, gone, or swapped', async () => {
    const contents = ['cut short', 'is gone', 'swapped one', 'swapped two'];
    const files: FileEntry[] = [];
    for (const content of contents) files.push(await desktop.upload(`${content}.txt`, content));
    const [cut, gone, one, two] = contents.map((content) => blobPath(server.data_dir, content)) as [
      string,
      string,
      string,
      string,
    ];
    await chmod(cut, 0o644);
    await truncate(cut, 4);
    await rm(gone);
    await rename(one, `${one}.aside`);
    await rename(two, one);
    await rename(`${one}.aside`, two);
    for (const file of files) {
      expect(await errorOf(await desktop.send('GET', contentPath(file)))).toMatchObject(DAMAGED);
      await expectRefused(file);
    }
    const { status, troubles } = await checkStorage({ HANABI_DATA_DIR: server.data_dir });
    expect(status).toBe(1);
    expect(troubles.map(({ problem, files: [name] }) => `${problem} ${name}`)).toEqual(
      expect.arrayContaining([
        'damaged admin: cut short.txt',
        'missing admin: is gone.txt',
        'damaged admin: swapped one.txt',
        'damaged admin: swapped two.txt',
        'damaged admin: small.txt',
      ]),
    );
    expect(troubles).toHaveLength(5);
    // What is uploaded again heals all files that have that content.
    await desktop.upload('again.txt', 'cut short');
    expect(await (await desktop.send('GET', contentPath(files[0]!))).text()).toBe('cut short');
  });
});

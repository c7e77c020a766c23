/** Disks that fill up: writes are refused with a code, all else goes on, and nothing has to be restarted afterwards. */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS, type ErrorBody, type Launch, KIB, MIB } from '@hanabi/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { checkStorage } from './harness/hanabi.ts';
import { emptyTrash, fileRef, makeFolder, namesIn, putInTrash, rename } from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { canMount, SmallDisk } from './harness/small-disk.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { announce, begin, Noise, offsetOf, patch } from './upload-client.ts';

const FULL = { code: 'HANABI-Q003', category: 'LIMIT' };
const bytesB64 = Buffer.from('from a module').toString('base64');

/** Which folders of the server lie on the small disk. */
const PLACES = [
  { name: 'of the contents', inData: 'blobs' },
  { name: 'of the uploads', inData: 'uploads' },
  { name: 'of everything, database included', inData: '' },
];

describe.skipIf(!canMount).each(PLACES)('the disk $name', ({ inData }) => {
  let dataDir: string;
  let disk: SmallDisk;
  let server: RunningServer;
  let desktop: Desktop;
  let launch: Launch;
  /** Contents go through the small disk; small uploads do not where only the pieces of large ones lie on it. */
  const holdsContents = inData !== 'uploads';

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hanabi-full-'));
    disk = await SmallDisk.mount(join(dataDir, inData), { size_bytes: 64 * MIB });
    const dir = await makeModule({ id: 'writer', permissions: ['files.read', 'files.write'] });
    server = await startServer({ data_dir: dataDir, env: { HANABI_MODULE_DIRS: dir } });
    desktop = await Desktop.signIn(server.url);
    launch = await desktop.launch('writer');
  });
  afterEach(() => disk.free());
  afterAll(async () => {
    await server.stop();
    disk.unmount();
    await rm(dataDir, { recursive: true, force: true });
  });

  const write = (name: string) => desktop.ask(launch, 'HANABI_WRITE_FILE', { name, bytesB64 });
  const contentOf = async (id: string) => (await desktop.send('GET', `/api/files/${id}/content`)).text();

  /** Its log may have a few pages left. */
  async function expectDatabaseFull(): Promise<void> {
    const parent_id = desktop.session.root_folder_id;
    for (let turn = 0; turn < 2000; turn += 1) {
      const answer = await desktop.send('POST', DESKTOP_PATHS.folders, { parent_id, name: `full-${turn}` });
      if (answer.status === 201) continue;
      expect(await errorOf(answer)).toMatchObject(FULL);
      expect(await namesIn(desktop, 'root')).not.toContain(`full-${turn}`);
      return;
    }
    throw new Error('the database found room on a full disk');
  }

  if (holdsContents)
    it('refuses what is written while it is full, and takes it again when there is room', async () => {
      const kept = await desktop.upload('kept.txt', 'kept');
      const old = await desktop.upload('old.txt', 'old');
      const before = await namesIn(desktop, 'root');
      await disk.fillToReserve();
      const refused = await desktop.sendUpload('new.txt', 'new');
      expect(refused.status).toBe(507);
      expect(await errorOf(refused)).toMatchObject(FULL);
      expect((await write('w.txt')).error).toMatchObject(FULL);
      expect(await namesIn(desktop, 'root')).toEqual(before);
      // Whoever has no room left must be able to read and to delete.
      expect(await contentOf(kept.id)).toBe('kept');
      await rename(desktop, fileRef(kept), 'renamed.txt');
      await makeFolder(desktop, 'made');
      await putInTrash(desktop, [fileRef(old)]);
      await emptyTrash(desktop);
      await disk.free();
      expect(await contentOf((await desktop.upload('new.txt', 'new')).id)).toBe('new');
      expect((await write('w.txt')).ok).toBe(true);
    });

  if (holdsContents)
    it('that fills up in the middle of an upload leaves nothing of it', async () => {
      const path = `${DESKTOP_PATHS.folders}/root/files?name=half.bin`;
      const headers = {
        cookie: desktop.cookie,
        'x-hanabi-csrf': desktop.csrf,
        'content-type': 'application/octet-stream',
        'content-length': 12 * MIB,
      };
      const incoming = join(dataDir, 'blobs', 'incoming');
      const answer = await new Promise<{ status: number; error: ErrorBody }>((resolve, reject) => {
        const sending = request(server.url + path, { method: 'PUT', headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => {
            sending.on('error', () => undefined).destroy();
            resolve({ status: response.statusCode!, ...(JSON.parse(text) as { error: ErrorBody }) });
          });
        });
        sending.on('error', reject);
        sending.write(randomBytes(6 * MIB), () => {
          const begun = expect.poll(() => readdir(incoming)).not.toEqual([]);
          // Not all that was announced: the answer comes before, and who still writes then may not get to read it.
          begun.then(() => disk.fillCompletely()).then(() => sending.write(randomBytes(256 * KIB)), reject);
        });
      });
      expect(answer).toMatchObject({ status: 507, error: FULL });
      expect(await namesIn(desktop, 'root')).not.toContain('half.bin');
      await expect.poll(() => readdir(incoming)).toEqual([]);
      await disk.free();
      await desktop.upload('half.bin', randomBytes(12 * MIB));
      await putInTrash(desktop, [
        fileRef((await desktop.folder('root')).files.find(({ name }) => name === 'half.bin')!),
      ]);
    });

  it('holds a resumable upload up, which then goes on where it was', async () => {
    const noise = new Noise(9 * MIB, inData);
    const url = await begin(desktop, { name: 'film.bin', size: noise.size });
    expect((await patch(desktop, url, 0, noise.bytes(0, 3 * MIB))).status).toBe(204);
    await disk.fillToReserve();
    const rest = noise.bytes(3 * MIB, noise.size);
    const refused = await patch(desktop, url, 3 * MIB, rest);
    expect(refused.status).toBe(507);
    expect(await errorOf(refused)).toMatchObject(FULL);
    expect(await namesIn(desktop, 'root')).not.toContain('film.bin');
    await disk.free();
    // Where only the contents have no room, all bytes came, and the file that they are to become is what is missing.
    const offset = await offsetOf(desktop, url);
    expect(offset).toBe(inData === 'blobs' ? noise.size : 3 * MIB);
    if (offset < noise.size) {
      expect((await patch(desktop, url, offset, noise.bytes(offset, noise.size))).status).toBe(204);
    }
    const film = (await desktop.folder('root')).files.find(({ name }) => name === 'film.bin')!;
    const content = await (await desktop.send('GET', `/api/files/${film.id}/content`)).arrayBuffer();
    expect(createHash('sha256').update(new Uint8Array(content)).digest('hex')).toBe(noise.sha256());
    expect(await readdir(join(dataDir, 'uploads'))).toEqual([]);
  });

  it('without a byte left refuses and heals', async () => {
    const kept = await desktop.upload('last.txt', 'last');
    await disk.fillCompletely();
    const answer = holdsContents
      ? await desktop.sendUpload('new.txt', 'new')
      : await announce(desktop, { name: 'new.txt', size: 3, bytes: Buffer.from('new') });
    expect(await errorOf(answer)).toMatchObject(FULL);
    expect(await contentOf(kept.id)).toBe('last');
    if (inData === '') await expectDatabaseFull();
    await disk.free();
    expect((await desktop.sendUpload('new.txt', 'new')).status).toBe(201);
    const after = await announce(desktop, { name: 'after.txt', size: 5, bytes: Buffer.from('after') });
    expect(after.headers.get('x-hanabi-file')).toBeTruthy();
    expect(await checkStorage({ HANABI_DATA_DIR: dataDir })).toMatchObject({ status: 0, troubles: [] });
  });
});

describe.skipIf(!canMount)('a disk that may have no more files', () => {
  it('refuses with the same code, and heals', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'hanabi-full-'));
    const disk = await SmallDisk.mount(join(dataDir, 'blobs'), { size_bytes: 64 * MIB, files: 400 });
    const server = await startServer({ data_dir: dataDir });
    try {
      const desktop = await Desktop.signIn(server.url);
      const kept = await desktop.upload('kept.txt', 'kept');
      await disk.fillWithFiles();
      expect(await errorOf(await desktop.sendUpload('new.txt', 'new'))).toMatchObject(FULL);
      expect(await (await desktop.send('GET', `/api/files/${kept.id}/content`)).text()).toBe('kept');
      await disk.free();
      expect((await desktop.sendUpload('new.txt', 'new')).status).toBe(201);
    } finally {
      await server.stop();
      disk.unmount();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

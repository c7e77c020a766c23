/** Disks that fail: in the middle of a write, of a sync, or from one moment to the next. What was acknowledged stays. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CSRF_HEADER, type ErrorBody, type Launch, MIB } from '@hanabi/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Desktop, errorOf } from './harness/desktop.ts';
import { canFail, FailingDisk } from './harness/failing-disk.ts';
import { checkStorage } from './harness/hanabi.ts';
import { fileRef, folderRef, makeFolder, namesIn, putInTrash, rename } from './harness/items.ts';
import { makeModule } from './harness/make-module.ts';
import { type RunningServer, startServer } from './harness/start-server.ts';
import { sha256Of } from './harness/storage.ts';
import { announce, begin, Noise, offsetOf, patch } from './upload-client.ts';

const DISK_ERRORS = ['HANABI-Q003', 'HANABI-F012'];
const FAILS = { code: 'HANABI-F012', category: 'UNAVAILABLE' };

describe.skipIf(!canFail)('a server on a disk that fails', () => {
  let dataDir: string;
  let disk: FailingDisk;
  let server: RunningServer;
  let desktop: Desktop;
  let launch: Launch;
  /** What was acknowledged: the hash of each file by its id. */
  let ledger: Map<string, string>;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'hanabi-failing-'));
    ledger = new Map();
  });
  afterEach(async () => {
    await server.stop();
    disk.unmount();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const dir = await makeModule({ id: 'writer', permissions: ['files.read', 'files.write'] });
    server = await startServer({ data_dir: dataDir, env: { HANABI_MODULE_DIRS: dir } });
    desktop = await Desktop.signIn(server.url);
    launch = await desktop.launch('writer');
  }

  /** Undefined: it was acknowledged, and stands in the ledger. */
  async function upload(name: string, size: number): Promise<ErrorBody | undefined> {
    const bytes = randomBytes(size);
    const response = await desktop.sendUpload(name, bytes);
    if (!response.ok) return errorOf(response);
    const { file } = (await response.json()) as { file: { id: string } };
    ledger.set(file.id, sha256Of(bytes));
    return undefined;
  }

  async function writeFromModule(name: string, size: number): Promise<ErrorBody | undefined> {
    const bytes = randomBytes(size);
    const answer = await desktop.ask(launch, 'HANABI_WRITE_FILE', { name, bytesB64: bytes.toString('base64') });
    if (!answer.ok) return answer.error;
    ledger.set((answer.data['file'] as { id: string }).id, sha256Of(bytes));
    return undefined;
  }

  async function uploadInPieces(name: string, size: number): Promise<ErrorBody | undefined> {
    const noise = new Noise(size, name);
    const half = Math.floor(size / 2);
    const begun = await announce(desktop, { name, size });
    if (!begun.ok) return errorOf(begun);
    const url = begun.headers.get('location')!;
    for (const [from, to] of [[0, half] as const, [half, size] as const]) {
      const answer = await patch(desktop, url, from, noise.bytes(from, to));
      if (!answer.ok) return errorOf(answer);
      const id = answer.headers.get('x-hanabi-file');
      if (id) ledger.set(id, noise.sha256());
    }
    return undefined;
  }

  async function expectLedger(): Promise<void> {
    for (const [id, sha256] of ledger) {
      const response = await desktop.send('GET', `/api/files/${id}/content`);
      expect(response.status).toBe(200);
      expect(sha256Of(Buffer.from(await response.arrayBuffer()))).toBe(sha256);
    }
    expect(await checkStorage({ HANABI_DATA_DIR: dataDir })).toMatchObject({ status: 0, troubles: [] });
  }

  /** The body of a request, of which the second half comes when the disk has failed. */
  async function uploadWhileItFails(name: string, size: number): Promise<ErrorBody | undefined> {
    const bytes = randomBytes(size);
    const halves = async function* () {
      yield bytes.subarray(0, size / 2);
      await expect.poll(() => readdir(join(dataDir, 'blobs', 'incoming'))).not.toEqual([]);
      disk.fail();
      yield bytes.subarray(size / 2);
    };
    const path = `/api/folders/${desktop.session.root_folder_id}/files?name=${name}`;
    const headers = { cookie: desktop.cookie, [CSRF_HEADER]: desktop.csrf, 'content-type': 'application/octet-stream' };
    const body = { body: ReadableStream.from(halves()), duplex: 'half' };
    const response = await fetch(desktop.url + path, { method: 'PUT', headers, ...body } as RequestInit);
    return response.ok ? undefined : errorOf(response);
  }

  it('at whichever write loses nothing that it has acknowledged, and keeps nothing that it has not', async () => {
    disk = await FailingDisk.mount(join(dataDir, 'blobs'));
    await start();
    const writes = { upload, writeFromModule, uploadInPieces };
    const taken: string[] = [];
    const refused: string[] = [];
    for (const round of [0, 1, 2, 3]) {
      // So many go well, and the next one meets it.
      for (const [how, write] of Object.entries(writes).slice(0, round)) {
        expect(await write(`${how}-good-${round}.bin`, 40_000)).toBeUndefined();
        taken.push(`${how}-good-${round}.bin`);
      }
      expect(DISK_ERRORS).toContain((await uploadWhileItFails(`half-${round}.bin`, 4 * MIB))?.code);
      refused.push(`half-${round}.bin`);
      for (const [how, write] of Object.entries(writes)) {
        expect(DISK_ERRORS).toContain((await write(`${how}-${round}.bin`, 40_000))?.code);
        refused.push(`${how}-${round}.bin`);
      }
      disk.heal();
    }
    const names = await namesIn(desktop, 'root');
    for (const name of taken) if (!name.startsWith('writeFromModule')) expect(names).toContain(name);
    for (const name of refused) expect(names).not.toContain(name);
    expect(await readdir(join(dataDir, 'blobs', 'incoming'))).toEqual([]);
    await expectLedger();
    // And from the disk itself, with nothing in memory.
    await server.stop();
    disk.restart();
    await start();
    await expectLedger();
    expect(await upload('healed.bin', 40_000)).toBeUndefined();
  }, 120_000);

  it('that goes away with its contents says so, goes on with all else, and is well when it is back', async () => {
    disk = await FailingDisk.mount(join(dataDir, 'blobs'));
    await start();
    expect(await upload('kept.bin', MIB)).toBeUndefined();
    disk.cutPower();
    expect(await upload('lost.bin', MIB)).toMatchObject(FAILS);
    expect(await writeFromModule('lost.txt', 10)).toMatchObject(FAILS);
    const [id] = ledger.keys();
    expect(await errorOf(await desktop.send('GET', `/api/files/${id}/content`))).toMatchObject(FAILS);
    expect(server.lines.join('\n')).toContain('EIO');
    // What needs no contents.
    const url = await begin(desktop, { name: 'film.bin', size: 5 * MIB });
    await rename(desktop, fileRef({ id: id! }), 'renamed.bin');
    const folder = await makeFolder(desktop, 'made');
    await putInTrash(desktop, [folderRef(folder)]);
    expect(await namesIn(desktop, 'root')).toEqual(expect.arrayContaining(['renamed.bin']));
    disk.restart();
    expect(await upload('again.bin', MIB)).toBeUndefined();
    const film = new Noise(5 * MIB, 'film');
    expect(await offsetOf(desktop, url)).toBe(0);
    const sent = await patch(desktop, url, 0, film.bytes(0, film.size));
    ledger.set(sent.headers.get('x-hanabi-file')!, film.sha256());
    await expectLedger();
  });

  it.each([1, 4, 9])('with everything on it loses power after %i acknowledgements, and none of them', async (last) => {
    disk = await FailingDisk.mount(dataDir);
    await start();
    const answers: (ErrorBody | undefined)[] = [];
    const users = Array.from({ length: 3 }, async (_, user) => {
      for (let round = 0; ; round += 1) {
        const write = [upload, writeFromModule, uploadInPieces][(user + round) % 3]!;
        const error = await write(`user-${user}-${round}.bin`, 30_000);
        answers.push(error);
        if (error) return;
        if (ledger.size >= last) disk.cutPower();
      }
    });
    await Promise.all(users);
    expect(ledger.size).toBeGreaterThanOrEqual(last);
    for (const error of answers) if (error) expect(error).toMatchObject(FAILS);
    // Its database file is dead, too: what cannot be written is never said to be.
    const made = await desktop.send('POST', '/api/folders', {
      parent_id: desktop.session.root_folder_id,
      name: 'after the end',
    });
    expect(await errorOf(made)).toMatchObject(FAILS);
    await server.stop();
    disk.restart();
    await start();
    await expectLedger();
    expect(await namesIn(desktop, 'root')).not.toContain('after the end');
    expect(await upload('alive.bin', 10)).toBeUndefined();
  });
});

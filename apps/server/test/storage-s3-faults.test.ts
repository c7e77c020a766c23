/** An S3 store that stands still, and a server that is killed while it speaks to one. */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DESKTOP_PATHS, LIMITS, MIB } from '@hanabi/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Desktop, errorOf } from './harness/desktop.ts';
import { checkStorage } from './harness/hanabi.ts';
import { fileRef, makeFolder, namesIn, rename } from './harness/items.ts';
import { KillableServer } from './harness/killable-server.ts';
import { hasSwift, type S3Server, startS3 } from './harness/s3-server.ts';
import { sha256Of } from './harness/storage.ts';
import { type StoreRoad, storeRoad } from './harness/store-road.ts';
import { begin, head, Noise, offsetOf, patch } from './upload-client.ts';

const content = (desktop: Desktop, id: string) => desktop.send('GET', `${DESKTOP_PATHS.files}/${id}/content`);
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const objectOf = (sha256: string) => `${sha256.slice(0, 2)}/${sha256}`;

const FAILS = { code: 'HANABI-F012', category: 'UNAVAILABLE' };

describe.skipIf(!hasSwift)('a server whose S3 store', () => {
  let s3: S3Server;
  let road: StoreRoad;
  let server: KillableServer;
  let settings: Record<string, string>;
  beforeAll(async () => {
    s3 = await startS3();
    road = await storeRoad(s3.settings.endpoint);
    settings = {
      HANABI_S3_ENDPOINT: road.endpoint,
      HANABI_S3_BUCKET: s3.settings.bucket,
      HANABI_S3_REGION: s3.settings.region,
      HANABI_S3_ACCESS_KEY_ID: s3.settings.access_key_id,
      HANABI_S3_SECRET_ACCESS_KEY: s3.settings.secret_access_key,
    };
    server = await KillableServer.start({ env: settings });
  }, 120_000);
  beforeEach(() => road.go());
  afterAll(async () => {
    road?.go();
    await server?.stop();
    road?.close();
    await s3?.stop();
  });

  it(
    'stands still gives an error in the end, and hangs nobody who needs nothing of it',
    async () => {
      const { desktop } = server;
      const kept = randomBytes(8 * MIB);
      const file = await desktop.upload('kept.bin', kept);
      const other = await desktop.upload('other.bin', 'other');
      // In the middle of a download, of an upload, and for whoever comes then.
      const stands = road.stall({ answered: 2 * MIB });
      const download = (await content(desktop, file.id)).arrayBuffer().then(
        () => 'all of it',
        () => 'broken off',
      );
      await stands;
      const begun: Promise<unknown>[] = [
        desktop.sendUpload('stalled.bin', randomBytes(3 * MIB)).then(errorOf),
        content(desktop, other.id).then(errorOf),
      ];
      let over = 0;
      for (const request of [download, ...begun]) void request.then(() => (over += 1));
      await rename(desktop, fileRef(other), 'renamed.bin');
      await makeFolder(desktop, 'made meanwhile');
      expect(await namesIn(desktop, 'root')).toEqual(expect.arrayContaining(['renamed.bin', 'made meanwhile']));
      const url = await begin(desktop, { name: 'film.bin', size: MIB });
      expect((await patch(desktop, url, 0, randomBytes(MIB / 2))).status).toBe(204);
      expect(over).toBe(0);
      for (const request of begun) expect(await request).toMatchObject(FAILS);
      expect(await download).toBe('broken off');
      expect(await namesIn(desktop, 'root')).not.toContain('stalled.bin');
      expect(await readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
      road.go();
      expect((await bytesOf(await content(desktop, file.id))).equals(kept)).toBe(true);
      expect((await desktop.sendUpload('stalled.bin', 'now')).status).toBe(201);
      expect((await patch(desktop, url, MIB / 2, randomBytes(MIB / 2))).status).toBe(204);
    },
    LIMITS.store_silence_ms_max + 60_000,
  );

  /** After so many bytes of the last request; at the end the store has all, and its answer gets lost. */
  it.each([0, 0.02, 0.5, 0.99, 'answer'] as const)(
    'is being written to when the server is killed keeps one file or a rest that can follow: at %s',
    async (moment) => {
      const { desktop } = server;
      const name = `killed-${moment}.bin`;
      const noise = new Noise(6 * MIB, name);
      const before = await desktop.upload(`before-${moment}.bin`, `before ${moment}`);
      const url = await begin(desktop, { name, size: noise.size });
      expect((await patch(desktop, url, 0, noise.bytes(0, 2 * MIB))).status).toBe(204);
      const stands = moment === 'answer' ? undefined : road.stall({ sent: Math.floor(noise.size * moment) });
      if (moment === 'answer') road.holdAnswers();
      const last = patch(desktop, url, 2 * MIB, noise.bytes(2 * MIB, noise.size)).then(
        ({ status }) => status,
        () => 'no answer',
      );
      await (stands ??
        expect.poll(() => s3.client.objectExists(objectOf(noise.sha256())), { timeout: 20_000 }).toBe(true));
      await server.killAndRestart(() => road.go());
      expect(await last).toBe('no answer');
      const user = server.desktop;
      expect(await (await content(user, before.id)).text()).toBe(`before ${moment}`);
      const offset = await offsetOf(user, url);
      expect(offset).toBeGreaterThanOrEqual(2 * MIB);
      const answer =
        offset < noise.size ? await patch(user, url, offset, noise.bytes(offset, noise.size)) : await head(user, url);
      const id = answer.headers.get('x-hanabi-file')!;
      const { files } = await user.folder('root');
      expect(files.filter((entry) => entry.name.startsWith(`killed-${moment}`))).toMatchObject([{ id, name }]);
      expect(sha256Of(await bytesOf(await content(user, id)))).toBe(noise.sha256());
      expect(await readdir(join(server.data_dir, 'uploads'))).toEqual([]);
      expect(await checkStorage({ HANABI_DATA_DIR: server.data_dir, ...settings })).toMatchObject({ troubles: [] });
    },
    60_000,
  );

  it('gets a plain upload when the server is killed has nothing of it afterwards, or all', async () => {
    const { desktop } = server;
    const bytes = randomBytes(5 * MIB);
    const stands = road.stall({ sent: 3 * MIB });
    const sent = desktop.sendUpload('plain.bin', bytes).then(
      ({ status }) => status,
      () => 'no answer',
    );
    await stands;
    await server.killAndRestart(() => road.go());
    expect(await sent).toBe('no answer');
    expect(await namesIn(server.desktop, 'root')).not.toContain('plain.bin');
    expect(await readdir(join(server.data_dir, 'blobs', 'incoming'))).toEqual([]);
    const file = await server.desktop.upload('plain.bin', bytes);
    expect((await bytesOf(await content(server.desktop, file.id))).equals(bytes)).toBe(true);
  });
});

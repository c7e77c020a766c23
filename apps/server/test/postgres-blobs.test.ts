/** Two servers of one database with the same contents: none loses what another one has just stored again. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresBlobGuard } from '../src/storage/blob-guard.ts';
import type { Blob } from '../src/storage/blob-engine.ts';
import { Blobs } from '../src/storage/blobs.ts';
import { LocalBlobs } from '../src/storage/local-blobs.ts';
import { engineSettings } from './harness/engine.ts';
import { sha256Of, Storage } from './harness/storage.ts';

/** Stores as the others do, at the moment that the test chooses. */
class SlowEngine extends LocalBlobs {
  readonly begun: Promise<void>;
  private begin!: () => void;
  private go!: () => void;
  private readonly goOn: Promise<void>;

  constructor(dir: string) {
    super(dir);
    this.begun = new Promise((resolve) => {
      this.begin = resolve;
    });
    this.goOn = new Promise((resolve) => {
      this.go = resolve;
    });
  }

  letGo(): void {
    this.go();
  }

  override async place(path: string, blob: Blob): Promise<void> {
    this.begin();
    await this.goOn;
    await super.place(path, blob);
  }
}

const unwanted = async () => false;

let storage: Storage;
let guards: PostgresBlobGuard[];
let url: string;
beforeAll(async () => {
  storage = await Storage.open();
  url = (await engineSettings(storage.dir)).HANABI_DATABASE_URL!;
  guards = [0, 1].map(() => new PostgresBlobGuard(url, () => {}));
});
afterAll(async () => {
  await Promise.all(guards.map((guard) => guard.close()));
  await storage.close();
});

it('keeps a content that another server is storing, and takes it when that is over', async () => {
  const dir = join(storage.dir, 'blobs');
  const slow = new SlowEngine(dir);
  const here = await Blobs.open(dir, slow, { guard: guards[0], shared: true });
  const there = await Blobs.open(dir, new LocalBlobs(dir), { guard: guards[1], shared: true });
  const sha256 = sha256Of('the same');
  await storage.put('the same.txt', 'the same');
  const path = join(storage.dir, 'arriving');
  await writeFile(path, 'the same');
  const stored = here.adopt(path, sha256);
  await slow.begun;
  const late = Date.now() + 1000;
  expect(await there.collect(sha256, late, unwanted)).toBe(false);
  expect(storage.isStored('the same')).toBe(true);
  slow.letGo();
  await stored;
  expect(await there.collect(sha256, late, unwanted)).toBe(true);
  expect(storage.isStored('the same')).toBe(false);
});

it('lets the content of another server in as soon as one was taken away', async () => {
  const dir = join(storage.dir, 'blobs');
  const here = await Blobs.open(dir, new LocalBlobs(dir), { guard: guards[0], shared: true });
  const there = await Blobs.open(dir, new LocalBlobs(dir), { guard: guards[1], shared: true });
  const { sha256 } = await here.writeBytes(Buffer.from('again'));
  let again: Promise<Blob> | undefined;
  const gone = await there.collect(sha256, Date.now() + 1000, async () => {
    again = here.writeBytes(Buffer.from('again'));
    return false;
  });
  await again;
  expect(gone).toBe(true);
  expect(storage.isStored('again')).toBe(true);
});

it('locks nobody out when a server is killed', async () => {
  const guard = new PostgresBlobGuard(url, () => {});
  await expect(
    guard.placing('cut', async () => {
      throw new Error('cut');
    }),
  ).rejects.toThrow('cut');
  await guard.close();
  // The database notices that the connection is gone.
  await expect.poll(() => guards[1]!.removing('cut', async () => true)).toBe(true);
});

/** One suite over every engine that keeps contents. */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MIB } from '@hanabi/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlobEngine } from '../src/storage/blob-engine.ts';
import { Blobs } from '../src/storage/blobs.ts';
import { LocalBlobs } from '../src/storage/local-blobs.ts';
import { S3Blobs } from '../src/storage/s3-blobs.ts';
import { hasSwift, type S3Server, startS3 } from './harness/s3-server.ts';

interface Store {
  engine: BlobEngine;
  /** Puts other bytes where a content is, as a disk or an operator might. */
  spoil(sha256: string, bytes: Buffer): Promise<void>;
}

let s3: S3Server | undefined;
beforeAll(async () => {
  if (hasSwift) s3 = await startS3();
}, 120_000);
afterAll(() => s3?.stop());

const ENGINES: { name: string; present: boolean; open: (dir: string) => Promise<Store> }[] = [
  { name: 'local disk', present: true, open: openLocal },
  { name: 'S3 (swift)', present: hasSwift, open: openS3 },
];

async function openLocal(dir: string): Promise<Store> {
  const place = join(dir, 'blobs');
  const spoil = async (sha256: string, bytes: Buffer) => {
    const path = join(place, sha256.slice(0, 2), sha256);
    await chmod(path, 0o644);
    await writeFile(path, bytes);
  };
  return { engine: new LocalBlobs(place), spoil };
}

async function openS3(dir: string): Promise<Store> {
  const server = s3!;
  const spoil = async (sha256: string, bytes: Buffer) => {
    await server.client.putObject(`${sha256.slice(0, 2)}/${sha256}`, bytes);
  };
  return { engine: new S3Blobs(server.settings, join(dir, 'cache')), spoil };
}

const never = async () => false;
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function* twice(chunk: Buffer): AsyncGenerator<Buffer, void, void> {
  yield chunk;
  yield chunk;
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe.each(ENGINES)('contents on $name', ({ present, open }) => {
  let dir: string;
  let store: Store;
  let blobs: Blobs;
  /** As after a restart: nothing is known of what was seen before. */
  const restarted = () => Blobs.open(join(dir, 'blobs'), store.engine);
  beforeAll(async () => {
    if (!present) return;
    dir = await mkdtemp(join(tmpdir(), 'hanabi-blobs-'));
    store = await open(dir);
    blobs = await restarted();
  });
  afterAll(async () => {
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it.skipIf(!present).each([0, 1, 300_000, 9 * MIB])('come back byte for byte: %d bytes', async (size) => {
    const bytes = randomBytes(size);
    const blob = await blobs.writeBytes(bytes);
    expect(blob).toEqual({ sha256: sha256Of(bytes), size_bytes: size });
    for (const reader of [blobs, await restarted()]) {
      expect((await reader.read(blob.sha256)).equals(bytes)).toBe(true);
      expect((await collected(reader.stream(blob.sha256))).equals(bytes)).toBe(true);
    }
    expect(await readdir(join(dir, 'blobs', 'incoming'))).toEqual([]);
  });

  it.skipIf(!present)('come in parts, both ends included', async () => {
    const bytes = randomBytes(MIB);
    const { sha256 } = await blobs.writeBytes(bytes);
    for (const reader of [blobs, await restarted()]) {
      for (const [start, end] of [
        [0, 0],
        [5, 99_999],
        [MIB - 1, MIB - 1],
      ] as const) {
        const part = await collected(reader.stream(sha256, { start, end }));
        expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
    }
  });

  it.skipIf(!present)('are taken over from a file, which is then gone', async () => {
    const bytes = randomBytes(1000);
    const path = join(dir, 'output');
    await writeFile(path, bytes);
    await blobs.adopt(path, sha256Of(bytes));
    await expect(stat(path)).rejects.toThrow('ENOENT');
    expect((await blobs.read(sha256Of(bytes))).equals(bytes)).toBe(true);
  });

  it.skipIf(!present)('are given as a local file that nobody may write', async () => {
    const bytes = randomBytes(1000);
    const { sha256 } = await blobs.writeBytes(bytes);
    const [path, again] = await Promise.all([blobs.localPath(sha256), blobs.localPath(sha256)]);
    expect(again).toBe(path);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o444);
  });

  it.skipIf(!present)('that are too large leave nothing behind', async () => {
    await expect(blobs.write(twice(Buffer.alloc(10)), 15)).rejects.toMatchObject({ code: 'HANABI-F004' });
    expect(await readdir(join(dir, 'blobs', 'incoming'))).toEqual([]);
  });

  it.skipIf(!present)('that are damaged are never given as good', async () => {
    const bytes = randomBytes(2 * MIB);
    const { sha256 } = await blobs.writeBytes(bytes);
    bytes[bytes.length - 1]! ^= 1;
    await store.spoil(sha256, bytes);
    for (const reader of [blobs, await restarted()]) {
      const code = { code: 'HANABI-F007' };
      await expect(reader.read(sha256)).rejects.toMatchObject(code);
      await expect(collected(reader.stream(sha256))).rejects.toMatchObject(code);
      await expect(collected(reader.stream(sha256, { start: 0, end: 1 }))).rejects.toMatchObject(code);
      await expect(reader.check(sha256)).rejects.toMatchObject(code);
    }
    // Written again, they are whole again.
    bytes[bytes.length - 1]! ^= 1;
    await blobs.writeBytes(bytes);
    expect((await blobs.read(sha256)).equals(bytes)).toBe(true);
  });

  it.skipIf(!present)('that are missing are damage too', async () => {
    const sha256 = sha256Of(randomBytes(8));
    const code = { code: 'HANABI-F007' };
    await expect(blobs.read(sha256)).rejects.toMatchObject(code);
    await expect(collected(blobs.stream(sha256))).rejects.toMatchObject(code);
    await expect(blobs.check(sha256)).rejects.toMatchObject(code);
  });

  it.skipIf(!present)('are listed and collected, but for those that are wanted or new', async () => {
    const names = [];
    for (let count = 0; count < 3; count += 1) names.push((await blobs.writeBytes(randomBytes(100 + count))).sha256);
    const [first, second, third] = names as [string, string, string];
    const later = Date.now() + 60_000;
    expect(await blobs.collect(first, Date.now() - 60_000, never)).toBe(false);
    expect(await blobs.collect(second, later, async () => true)).toBe(false);
    expect(await blobs.collect(third, later, never)).toBe(true);
    const listed: string[] = [];
    for await (const { sha256 } of blobs.list()) listed.push(sha256);
    expect(listed).toEqual(expect.arrayContaining([first, second]));
    expect(listed).not.toContain(third);
    await expect(blobs.read(third)).rejects.toMatchObject({ code: 'HANABI-F007' });
    expect(await blobs.collect(third, later, never)).toBe(true);
  });

  it.skipIf(!present)('that are written while they are collected stay', async () => {
    const bytes = randomBytes(50_000);
    const { sha256 } = await blobs.writeBytes(bytes);
    const longAgo = Date.now() - 3_600_000;
    await Promise.all(
      Array.from({ length: 20 }, (_, turn) =>
        turn % 2 === 0
          ? blobs.writeBytes(bytes)
          : blobs.collect(sha256, turn === 1 ? Date.now() + 1e6 : longAgo, never),
      ),
    );
    expect((await blobs.read(sha256)).equals(bytes)).toBe(true);
  });

  it.skipIf(!present)('end a stream that nobody reads on', async () => {
    const { sha256 } = await blobs.writeBytes(randomBytes(8 * MIB));
    const stream = blobs.stream(sha256);
    for await (const chunk of stream) {
      expect(chunk).toBeInstanceOf(Buffer);
      break;
    }
    expect(stream.destroyed).toBe(true);
  });
});

const usable = (change: Partial<S3Server['settings']>) =>
  new S3Blobs({ ...s3!.settings, ...change }, join(tmpdir(), 'hanabi-unused')).usable();

describe('an S3 store', () => {
  it.skipIf(!hasSwift)(
    'does not let in who signs with another key, nor serves a bucket that is not there',
    async () => {
      expect(await usable({})).toBe(true);
      expect(await usable({ secret_access_key: 'guessed' })).toBe(false);
      expect(await usable({ bucket: 'another' })).toBe(false);
    },
  );
});

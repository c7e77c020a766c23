/**
 * File contents by their SHA-256. A content is written to a temporary file, and nobody is told that it exists before
 * the engine has made it durable. What comes back is checked: damaged content is an error and never served as good.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { HanabiError, MIB } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import { type Blob, type BlobEngine, type BlobRange, MissingBlob, type StoredBlob } from './blob-engine.ts';
import { type BlobGuard, NO_GUARD } from './blob-guard.ts';
import { diskError, removeFiles, requireDiskRoom } from './disk.ts';

export type { Blob } from './blob-engine.ts';

const ROOM_CHECK_BYTES = 16 * MIB;
const VERDICTS_MAX = 100_000;
/** Beyond this nobody writes any more what came in, whichever server it was. */
const ABANDONED_MS = 24 * 3600 * 1000;

export class Blobs {
  private readonly engine: BlobEngine;
  private readonly guard: BlobGuard;
  private readonly incoming: string;
  /** Contents that were seen to be good, each with the version that was seen. */
  private readonly good = new Map<string, string>();
  private readonly checking = new Map<string, Promise<void>>();
  /** What is being placed or collected, so that no content goes away that was written again a moment ago. */
  private readonly busy = new Map<string, Promise<unknown>>();

  constructor(dir: string, engine: BlobEngine, guard: BlobGuard = NO_GUARD) {
    this.engine = engine;
    this.guard = guard;
    this.incoming = join(dir, 'incoming');
  }

  /** For processes that write: one alone, or several where it is `shared`. Others, which only read, do without this. */
  static async open(
    dir: string,
    engine: BlobEngine,
    { guard, shared = false }: { guard?: BlobGuard | undefined; shared?: boolean } = {},
  ): Promise<Blobs> {
    const blobs = new Blobs(dir, engine, guard);
    await mkdir(blobs.incoming, { recursive: true, mode: 0o700 });
    // What a killed server left half-written was never acknowledged.
    await removeFiles(blobs.incoming, shared ? ABANDONED_MS : 0);
    return blobs;
  }

  /** Stores a stream of at most `bytesMax` bytes; ends with HANABI-F004 beyond that. */
  async write(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Blob> {
    const path = join(this.incoming, newId());
    const hash = createHash('sha256');
    try {
      await requireDiskRoom(this.incoming);
      const handle = await open(path, 'wx', 0o444);
      let size_bytes: number;
      try {
        size_bytes = await this.copy(chunks, handle, hash, bytesMax);
      } finally {
        await handle.close();
      }
      const blob = { sha256: hash.digest('hex'), size_bytes };
      await this.place(path, blob);
      return blob;
    } catch (error) {
      await rm(path, { force: true });
      throw diskError(error);
    }
  }

  async writeBytes(bytes: Uint8Array): Promise<Blob> {
    return this.write(single(bytes), bytes.byteLength);
  }

  /** Takes over a file whose hash is known, such as an output that the supervisor wrote. */
  async adopt(path: string, sha256: string): Promise<void> {
    const { size } = statSync(path);
    try {
      await this.place(path, { sha256, size_bytes: size });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw diskError(error);
      // The contents lie on a disk of their own, to which nothing can be renamed from elsewhere.
      const copied = await this.write(createReadStream(path) as Bytes, size);
      if (copied.sha256 !== sha256) throw damaged(sha256);
      await rm(path, { force: true });
    }
  }

  /** All bytes of a content, checked; one that is damaged or gone ends with HANABI-F007. */
  async read(sha256: string): Promise<Buffer> {
    const bytes = await this.engine.read(sha256).catch((error: unknown) => {
      throw damagedWhereMissing(error);
    });
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged(sha256);
    return bytes;
  }

  /**
   * A content, or a part of it. The first time since the start a whole one is checked on its way, and its last bytes
   * are held back until the hash was seen to match; a part comes only when all of the content was found good.
   */
  stream(sha256: string, range?: BlobRange): Readable {
    return Readable.from(this.checked(sha256, range), { objectMode: false });
  }

  private async *checked(sha256: string, range?: BlobRange): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (range) await this.check(sha256);
      if (range || (await this.isKnownGood(sha256))) yield* this.engine.stream(sha256, range) as Bytes;
      else yield* this.hashed(sha256);
    } catch (error) {
      throw damagedWhereMissing(error);
    }
  }

  /** Ends with HANABI-F007 unless the content is there and has its hash; reads all of it, but once for each start. */
  async check(sha256: string): Promise<void> {
    if (await this.isKnownGood(sha256)) return;
    let check = this.checking.get(sha256);
    if (!check) {
      check = drain(this.hashed(sha256)).finally(() => this.checking.delete(sha256));
      this.checking.set(sha256, check);
    }
    await check;
  }

  /** A file of this machine with the content, which may be read and linked, and never written. */
  async localPath(sha256: string): Promise<string> {
    try {
      return await this.engine.localPath(sha256);
    } catch (error) {
      throw damagedWhereMissing(error);
    }
  }

  async isStored(sha256: string): Promise<boolean> {
    return (await this.engine.stat(sha256)) !== undefined;
  }

  list(): AsyncGenerator<StoredBlob, void, void> {
    return this.engine.list();
  }

  /** Removes a content unless it was written after `beforeMs`, or is wanted. Returns whether it is gone. */
  collect(sha256: string, beforeMs: number, isWanted: () => Promise<boolean>): Promise<boolean> {
    const remove = async () => {
      const found = await this.engine.stat(sha256);
      if (found && (found.written_ms > beforeMs || (await isWanted()))) return false;
      await this.engine.remove(sha256);
      this.good.delete(sha256);
      return true;
    };
    return this.alone(sha256, () => this.guard.removing(sha256, remove));
  }

  private async copy(
    chunks: AsyncIterable<Uint8Array>,
    handle: FileHandle,
    hash: Hash,
    bytesMax: number,
  ): Promise<number> {
    let size = 0;
    let unchecked = 0;
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      unchecked += chunk.byteLength;
      if (size > bytesMax) throw new HanabiError('HANABI-F004', `more than ${bytesMax} bytes`);
      if (unchecked >= ROOM_CHECK_BYTES) {
        await requireDiskRoom(this.incoming);
        unchecked = 0;
      }
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    return size;
  }

  private place(path: string, blob: Blob): Promise<void> {
    return this.alone(blob.sha256, async () => {
      await this.guard.placing(blob.sha256, () => this.engine.place(path, blob));
      const found = await this.engine.stat(blob.sha256);
      if (found) this.remember(blob.sha256, found.version);
    });
  }

  private async isKnownGood(sha256: string): Promise<boolean> {
    const version = this.good.get(sha256);
    return version !== undefined && (await this.engine.stat(sha256))?.version === version;
  }

  private remember(sha256: string, version: string): void {
    if (this.good.size >= VERDICTS_MAX) this.good.clear();
    this.good.set(sha256, version);
  }

  /** The bytes, of which the last are held back until the hash of all was seen to match. */
  private async *hashed(sha256: string): AsyncGenerator<Uint8Array, void, void> {
    const found = await this.engine.stat(sha256);
    if (!found) throw damagedWhereMissing(new MissingBlob(sha256));
    const hash = createHash('sha256');
    let held: Uint8Array | undefined;
    for await (const chunk of this.engine.stream(sha256) as Bytes) {
      hash.update(chunk);
      if (held) yield held;
      held = chunk;
    }
    if (hash.digest('hex') !== sha256) throw damaged(sha256);
    this.remember(sha256, found.version);
    if (held) yield held;
  }

  /** One after the other for each content. */
  private async alone<Result>(sha256: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.busy.get(sha256) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.busy.set(sha256, mine);
    try {
      return await mine;
    } finally {
      if (this.busy.get(sha256) === mine) this.busy.delete(sha256);
    }
  }
}

type Bytes = AsyncIterable<Uint8Array>;

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

async function drain(bytes: Bytes): Promise<void> {
  const chunks = bytes[Symbol.asyncIterator]();
  while (!(await chunks.next()).done);
}

function damaged(sha256: string): HanabiError {
  return new HanabiError('HANABI-F007', undefined, { cause: new Error(`blob ${sha256} does not match its name`) });
}

function damagedWhereMissing(error: unknown): unknown {
  const missing = error instanceof MissingBlob || (error as NodeJS.ErrnoException).code === 'ENOENT';
  return missing ? new HanabiError('HANABI-F007', undefined, { cause: error }) : error;
}

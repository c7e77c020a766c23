/**
 * Contents as files on the local disk, named by their hash. They are root's and readable, so that a sandbox can be
 * given one as a hard link; the folder above lets nobody else in. What only touches names is asked synchronously: each
 * trip to another thread takes many times as long.
 */
import { chmodSync, createReadStream, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { opendir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Blob, type BlobEngine, type BlobRange, MissingBlob, SHA256, type StoredBlob } from './blob-engine.ts';
import { syncAndClose, syncFolder } from './disk.ts';

/** Four times the default: most of the price of reading is paid by the chunk. */
const STREAM_CHUNK_BYTES = 256 * 1024;

export class LocalBlobs implements BlobEngine {
  private readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  async place(path: string, { sha256 }: Blob): Promise<void> {
    chmodSync(path, 0o444);
    await syncAndClose(openSync(path, 'r'));
    const target = this.path(sha256);
    const made = mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    renameSync(path, target);
    await syncFolder(dirname(target));
    if (made) await syncFolder(this.dir);
  }

  async stat(sha256: string): Promise<(StoredBlob & { version: string }) | undefined> {
    try {
      const { size, mtimeMs, ctimeMs, ino } = statSync(this.path(sha256));
      // Whoever writes into a file can set back the one time, but not the other.
      return { sha256, size_bytes: size, written_ms: mtimeMs, version: `${ino} ${size} ${ctimeMs}` };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async read(sha256: string): Promise<Buffer> {
    try {
      return await readFile(this.path(sha256));
    } catch (error) {
      throw isMissing(error) ? new MissingBlob(sha256, error) : error;
    }
  }

  stream(sha256: string, range?: BlobRange): Readable {
    return createReadStream(this.path(sha256), { ...range, highWaterMark: STREAM_CHUNK_BYTES });
  }

  async localPath(sha256: string): Promise<string> {
    return this.path(sha256);
  }

  async *list(): AsyncGenerator<StoredBlob, void, void> {
    for await (const folder of await opendir(this.dir)) {
      if (!/^[0-9a-f]{2}$/.test(folder.name)) continue;
      for await (const { name } of await opendir(join(this.dir, folder.name))) {
        const found = SHA256.test(name) ? await this.stat(name) : undefined;
        if (found) yield found;
      }
    }
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  private path(sha256: string): string {
    return join(this.dir, sha256.slice(0, 2), sha256);
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

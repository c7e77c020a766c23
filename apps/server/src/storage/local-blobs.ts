/**
 * Contents as files on the local disk, named by their hash. They are root's and readable, so that a sandbox can be
 * given one as a hard link; the folder above lets nobody else in.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, opendir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Blob, type BlobEngine, type BlobRange, MissingBlob, SHA256, type StoredBlob } from './blob-engine.ts';
import { syncFolder } from './disk.ts';

/** Four times the default: most of the price of reading is paid by the chunk. */
const STREAM_CHUNK_BYTES = 256 * 1024;

export class LocalBlobs implements BlobEngine {
  private readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  async place(path: string, { sha256 }: Blob): Promise<void> {
    const handle = await open(path, 'r');
    try {
      await handle.chmod(0o444);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const target = this.path(sha256);
    const made = await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(path, target);
    await syncFolder(dirname(target));
    if (made) await syncFolder(this.dir);
  }

  async stat(sha256: string): Promise<(StoredBlob & { version: string }) | undefined> {
    try {
      const { size, mtimeMs, ctimeMs, ino } = await stat(this.path(sha256));
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

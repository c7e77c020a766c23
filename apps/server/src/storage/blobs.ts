/**
 * File contents by their SHA-256, as files on the local disk. A blob is written to a temporary file in the same
 * file system, synced, renamed into place, and the folder synced, before anybody is told that it exists. Blobs are
 * root's and readable, so that a sandbox can be given one as a hard link; the folder above lets nobody else in.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HanabiError } from '@hanabi/protocol';
import { newId } from '../ids.ts';

export interface Blob {
  sha256: string;
  size_bytes: number;
}

export class Blobs {
  private readonly dir: string;
  private readonly incoming: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.incoming = join(dir, 'incoming');
  }

  static async open(dir: string): Promise<Blobs> {
    const blobs = new Blobs(dir);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // What a killed server left half-written was never acknowledged.
    await rm(blobs.incoming, { recursive: true, force: true });
    await mkdir(blobs.incoming, { mode: 0o700 });
    return blobs;
  }

  path(sha256: string): string {
    return join(this.dir, sha256.slice(0, 2), sha256);
  }

  /** Stores a stream of at most `bytesMax` bytes; ends with HANABI-F004 beyond that. */
  async write(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Blob> {
    const path = join(this.incoming, newId());
    const hash = createHash('sha256');
    try {
      const handle = await open(path, 'wx', 0o444);
      let sizeBytes: number;
      try {
        sizeBytes = await copy(chunks, handle, hash, bytesMax);
        await handle.sync();
      } finally {
        await handle.close();
      }
      const blob = { sha256: hash.digest('hex'), size_bytes: sizeBytes };
      await this.place(path, blob.sha256);
      return blob;
    } catch (error) {
      await rm(path, { force: true });
      throw diskError(error);
    }
  }

  async writeBytes(bytes: Uint8Array): Promise<Blob> {
    return this.write(single(bytes), bytes.byteLength);
  }

  /** Takes over a file of the same file system whose hash is known, such as an output that the supervisor wrote. */
  async adopt(path: string, sha256: string): Promise<void> {
    try {
      const handle = await open(path, 'r');
      try {
        await handle.chmod(0o444);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.place(path, sha256);
    } catch (error) {
      throw diskError(error);
    }
  }

  /** All bytes of a blob, checked against its hash: damaged content ends with HANABI-F007. */
  async read(sha256: string): Promise<Buffer> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path(sha256));
    } catch (cause) {
      throw new HanabiError('HANABI-F007', undefined, { cause });
    }
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new HanabiError('HANABI-F007', undefined, { cause: new Error(`blob ${sha256} does not match its name`) });
    }
    return bytes;
  }

  stream(sha256: string): ReadStream {
    return createReadStream(this.path(sha256));
  }

  private async place(path: string, sha256: string): Promise<void> {
    const target = this.path(sha256);
    const made = await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(path, target);
    await syncFolder(dirname(target));
    if (made) await syncFolder(this.dir);
  }
}

async function copy(
  chunks: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  hash: Hash,
  bytesMax: number,
): Promise<number> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) throw new HanabiError('HANABI-F004', `more than ${bytesMax} bytes`);
    hash.update(chunk);
    await handle.writeFile(chunk);
  }
  return sizeBytes;
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function diskError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new HanabiError('HANABI-Q003', undefined, { cause: error });
  return error;
}

/** Local copies of contents that lie elsewhere, for those who need a file: a sandbox gets its inputs as hard links. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { newId } from '../ids.ts';
import { SHA256 } from './blob-engine.ts';
import { diskError, requireDiskRoom } from './disk.ts';

/** Whoever asked for a path has linked or opened it by then. */
const IN_USE_MS = 600_000;

export class BlobCache {
  private readonly dir: string;
  private readonly fetching = new Map<string, Promise<string>>();
  private ready: Promise<unknown> | undefined;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** The local file of a content; it is fetched at most once at a time. */
  path(sha256: string, fetched: () => Readable): Promise<string> {
    let found = this.fetching.get(sha256);
    if (!found) {
      found = this.find(sha256, fetched).finally(() => this.fetching.delete(sha256));
      this.fetching.set(sha256, found);
    }
    return found;
  }

  async forget(sha256: string): Promise<void> {
    await rm(join(this.dir, sha256), { force: true });
  }

  private async find(sha256: string, fetched: () => Readable): Promise<string> {
    this.ready ??= this.clear();
    await this.ready;
    const path = join(this.dir, sha256);
    try {
      const time = new Date();
      await utimes(path, time, time);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await this.makeRoom();
    const incoming = join(this.dir, `incoming-${newId()}`);
    try {
      await fetchTo(incoming, sha256, fetched());
      await rename(incoming, path);
    } catch (error) {
      await rm(incoming, { force: true });
      throw diskError(error);
    }
    return path;
  }

  /** What a killed server left half-fetched. */
  private async clear(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.dir)) {
      if (!SHA256.test(name)) await rm(join(this.dir, name), { force: true });
    }
  }

  /** Those that were not used for the longest time go first. */
  private async makeRoom(): Promise<void> {
    await requireDiskRoom(this.dir);
    const files: { path: string; size: number; mtimeMs: number }[] = [];
    for (const name of await readdir(this.dir)) {
      const path = join(this.dir, name);
      const found = await stat(path).catch(() => undefined);
      if (found) files.push({ path, size: found.size, mtimeMs: found.mtimeMs });
    }
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size, mtimeMs } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= LIMITS.blob_cache_bytes_max || mtimeMs > Date.now() - IN_USE_MS) return;
      await rm(path, { force: true });
      total -= size;
    }
  }
}

async function fetchTo(path: string, sha256: string, bytes: Readable): Promise<void> {
  const hash = createHash('sha256');
  const handle = await open(path, 'wx', 0o444);
  try {
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  if (hash.digest('hex') !== sha256) {
    throw new HanabiError('HANABI-F007', undefined, { cause: new Error(`blob ${sha256} does not match its name`) });
  }
}

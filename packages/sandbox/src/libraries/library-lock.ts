/** Locks on disk: one file for a set of requirements, under the hash of that set; the layer under the hash of the lock. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LibraryLock } from './libraries.ts';

const FORMAT = 1;

/** The same for the same requirements in another order or with other blanks. */
export function requirementsKey(requirements: readonly string[], python: string): string {
  return sha256(JSON.stringify([FORMAT, python, canonicalRequirements(requirements)]));
}

export function canonicalRequirements(requirements: readonly string[]): string[] {
  return [...new Set(requirements.map((text) => text.trim().replace(/\s+/g, ' ')))].sort();
}

/** What is in the layer, however it was asked for. */
export function lockHash({ python, wheels, system }: LibraryLock): string {
  const files = wheels.map(({ file, sha256: hash }) => [file, hash]);
  const links = system.map(({ name, version, links: paths }) => [name, version, paths]);
  return sha256(JSON.stringify([FORMAT, python, files, links]));
}

export class LockFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(key: string): Promise<LibraryLock | undefined> {
    try {
      return JSON.parse(await readFile(this.#path(key), 'utf8')) as LibraryLock;
    } catch {
      return undefined; // not there, or lost to a full disk
    }
  }

  async write(key: string, lock: LibraryLock): Promise<void> {
    const incoming = `${this.#path(key)}.${process.pid}`;
    await writeFile(incoming, `${JSON.stringify(lock, null, 2)}\n`, { mode: 0o600, flush: true });
    await rename(incoming, this.#path(key));
  }

  /** The time of the file says when somebody needed it last. */
  async touch(key: string): Promise<void> {
    const now = new Date();
    await utimes(this.#path(key), now, now).catch(() => {}); // not there: it could not be resolved yet
  }

  /** Forgets what nobody needs nor needed since a time, and returns the hashes of the layers that are left. */
  async collect(before_ms: number, needed: ReadonlySet<string>): Promise<Set<string>> {
    const kept = new Set<string>();
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const key = name.endsWith('.json') ? name.slice(0, -'.json'.length) : '';
      const lock = await this.read(key);
      if (lock && (needed.has(key) || (await stat(path)).mtimeMs >= before_ms)) kept.add(lockHash(lock));
      else await rm(path, { force: true });
    }
    return kept;
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HanabiError, isPythonRequirement, LIMITS } from '@hanabi/protocol';
import { findTools, type Tools } from '../bubblewrap/tools.ts';
import { BuildBox } from './build-box.ts';
import { type BuildParts, fetchLocked, resolveRequirements, unpackLayer } from './build-layer.ts';
import { IndexClient, IndexError } from './index-client.ts';
import { isSystemUnchanged, moveFolder } from './layer-folder.ts';
import type { Libraries, LibraryLayer, LibraryLock, LibrarySettings } from './libraries.ts';
import { canonicalRequirements, LockFiles, lockHash, requirementsKey } from './library-lock.ts';

const run = promisify(execFile);

/** Libraries in this process, which spawns: the supervisor's or the command line's, never the server's. */
export async function createLibraries(settings: LibrarySettings): Promise<Libraries> {
  const tools = await findTools();
  if (typeof tools === 'string') return unavailable(tools);
  await mkdir(join(settings.store_dir, 'layers'), { recursive: true, mode: 0o755 });
  await mkdir(join(settings.store_dir, 'locks'), { recursive: true, mode: 0o700 });
  return new LibraryStore(settings, tools, await pythonName(tools));
}

/** Where nothing can be resolved, because no sandbox can run. */
function unavailable(note: string): Libraries {
  return {
    async prepare() {
      throw new HanabiError('HANABI-W018', note);
    },
    collect: async () => {},
    close: async () => {},
  };
}

async function pythonName({ python }: Tools): Promise<string> {
  const script = 'import os, sys; print(sys.implementation.cache_tag, os.uname().machine)';
  const { stdout } = await run(python, ['-I', '-S', '-c', script], { env: {} });
  return stdout.trim();
}

interface Failure {
  error: HanabiError;
  until_ms: number;
}

class LibraryStore implements Libraries {
  readonly #settings: LibrarySettings;
  readonly #tools: Tools;
  readonly #python: string;
  readonly #locks: LockFiles;
  readonly #preparing = new Map<string, Promise<LibraryLayer>>();
  readonly #failures = new Map<string, Failure>();
  readonly #closing = new AbortController();
  /** Opened by the first build: most starts need none. */
  #box: Promise<BuildBox> | undefined;
  /** Builds and collections, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: LibrarySettings, tools: Tools, python: string) {
    this.#settings = settings;
    this.#tools = tools;
    this.#python = python;
    this.#locks = new LockFiles(join(settings.store_dir, 'locks'));
  }

  async prepare(requirements: readonly string[]): Promise<LibraryLayer> {
    const strange = requirements.find((text) => !isPythonRequirement(text));
    if (strange !== undefined) throw new HanabiError('HANABI-W018', `"${strange}" is not a requirement`);
    const key = requirementsKey(requirements, this.#python);
    const failure = this.#failures.get(key);
    if (failure && performance.now() < failure.until_ms) throw failure.error;
    let preparing = this.#preparing.get(key);
    if (!preparing) {
      preparing = this.#prepare(key, requirements).finally(() => this.#preparing.delete(key));
      this.#preparing.set(key, preparing);
    }
    return preparing;
  }

  collect(needed: readonly (readonly string[])[]): Promise<void> {
    return this.#inTurn(async () => {
      const keys = needed.map((requirements) => requirementsKey(requirements, this.#python));
      for (const key of keys) await this.#locks.touch(key);
      const before_ms = Date.now() - (this.#settings.grace_ms ?? LIMITS.library_grace_ms);
      const kept = await this.#locks.collect(before_ms, new Set(keys));
      for (const name of await readdir(this.#layersDir)) {
        if (!kept.has(name)) await rm(join(this.#layersDir, name), { recursive: true, force: true });
      }
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
    const box = await this.#box?.catch(() => undefined);
    await box?.close();
  }

  async #prepare(key: string, requirements: readonly string[]): Promise<LibraryLayer> {
    const known = await this.#valid(key);
    if (known && (await this.#isThere(known))) {
      await this.#locks.touch(key);
      return this.#layerOf(known);
    }
    try {
      return await this.#inTurn(() => this.#build(key, canonicalRequirements(requirements), known));
    } catch (cause) {
      // Cut off by a stop, it has not failed: there is nothing to tell the operator.
      if (this.#closing.signal.aborted) throw stopping();
      const error = asHanabiError(cause);
      this.#failures.set(key, { error, until_ms: performance.now() + LIMITS.library_retry_ms });
      throw error;
    }
  }

  /** The lock, unless it counts on libraries of the machine that are not there any more, or not allowed. */
  async #valid(key: string): Promise<LibraryLock | undefined> {
    const lock = await this.#locks.read(key);
    if (!lock || lock.system.length === 0) return lock;
    return this.#settings.system_packages && (await isSystemUnchanged(lock.system)) ? lock : undefined;
  }

  async #build(key: string, requirements: string[], known: LibraryLock | undefined): Promise<LibraryLayer> {
    if (this.#closing.signal.aborted) throw stopping();
    const { index_url, system_packages } = this.#settings;
    this.#box ??= BuildBox.open(this.#settings.work_dir, this.#tools);
    const box = await this.#box;
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LIMITS.library_build_ms_max)]);
      const client = index_url === undefined ? undefined : new IndexClient(index_url, signal);
      const parts: BuildParts = { box, folders: await box.folders(), client, signal };
      const { lock, paths } = known
        ? { lock: known, paths: await fetchLocked(parts, known) }
        : await resolveRequirements(parts, requirements, this.#python, system_packages);
      if (!(await this.#isThere(lock))) {
        const folders = await box.nextFolders(parts.folders);
        const folder = await unpackLayer({ ...parts, folders }, lock, paths);
        await moveFolder(folder, this.#layerOf(lock).layer_dir);
      }
      await this.#locks.write(key, lock);
      return this.#layerOf(lock);
    } finally {
      await box.clear();
    }
  }

  #layerOf(lock: LibraryLock): LibraryLayer {
    const hash = lockHash(lock);
    return { hash, layer_dir: join(this.#layersDir, hash), lock };
  }

  async #isThere(lock: LibraryLock): Promise<boolean> {
    const found = await stat(this.#layerOf(lock).layer_dir).catch(() => undefined);
    return found?.isDirectory() === true;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  get #layersDir(): string {
    return join(this.#settings.store_dir, 'layers');
  }
}

const stopping = () => new HanabiError('HANABI-W018', 'the server is stopping');

function asHanabiError(cause: unknown): HanabiError {
  if (cause instanceof HanabiError) return cause;
  if (cause instanceof IndexError) return new HanabiError('HANABI-W018', cause.message, { cause: cause.cause });
  if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') return new HanabiError('HANABI-Q003');
  return new HanabiError('HANABI-W018', 'they could not be built here', { cause });
}

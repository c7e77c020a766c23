/** What lies in an output folder. Whoever filled it may be hostile, so the look is bounded in every direction. */
import { constants, type Stats } from 'node:fs';
import { chmod, type FileHandle, lstat, open, opendir, readlink } from 'node:fs/promises';
import { HanabiError, LIMITS, type TierLimits } from '@hanabi/protocol';

export interface FoundEntry {
  /** Whole path in the bytes of the file system: names need not be text. */
  path: Buffer;
  stats: Stats;
}

const SLASH = Buffer.from('/');

/** With the zero at its end; what is longer can be looked at, but neither opened nor moved. */
const PATH_BYTES_MAX = 4096;

/** A folder itself, whatever its modes; Node has no name for this flag of Linux. */
const O_PATH = 0o10000000;
const FOLDER_ITSELF = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Folders and things that are left out count too. */
export function entriesMax({ output_files_max }: TierLimits): number {
  return 2 * output_files_max;
}

/**
 * All entries below a folder, links not followed. Throws HANABI-W007 when there are too many or they lie too deep. What
 * vanishes meanwhile is left out: the worker may still be at work. It may also put a link in the place of a folder, which
 * would lead out of there by any longer path: so each folder is held, and seen to be in there.
 */
export async function scanFolder(dir: string, limits: TierLimits): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  const top = await Folder.open(Buffer.from(dir));
  if (!top) return found;
  const real = top.place;
  await top.close();
  // As paths below the top.
  let level: Buffer[] = [Buffer.alloc(0)];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: Buffer[] = [];
    for (const below of level) {
      for await (const { name, stats } of entriesOf(real, below)) {
        if (found.length >= entriesMax(limits)) {
          throw new HanabiError('HANABI-W007', `more than ${entriesMax(limits)} files, folders and others`);
        }
        const path = Buffer.concat([Buffer.from(dir), below, SLASH, name]);
        if (path.length >= PATH_BYTES_MAX) throw tooDeep();
        found.push({ path, stats });
        if (stats.isDirectory()) next.push(Buffer.concat([below, SLASH, name]));
      }
    }
    if (next.length > 0 && depth >= LIMITS.folder_depth_max) {
      throw tooDeep();
    }
    level = next;
  }
  return found;
}

async function* entriesOf(real: Buffer, below: Buffer): AsyncGenerator<{ name: Buffer; stats: Stats }, void, void> {
  const folder = await Folder.open(Buffer.concat([real, below]));
  if (!folder) return;
  try {
    // One that was moved meanwhile, as long as it is in here, is still to be counted.
    if (!isWithin(folder.place, real)) return;
    // What is opened closes itself, also when whoever looks has seen enough. Its type knows no names in bytes.
    for await (const { name } of await folder.list()) {
      const bytes = name as unknown as Buffer;
      const stats = await lstat(folder.entry(bytes)).catch(ignoreMissing);
      if (stats) yield { name: bytes, stats };
    }
  } finally {
    await folder.close();
  }
}

/** One that stays the same whatever its path leads to by now. */
class Folder {
  /** Where the kernel has it. */
  readonly place: Buffer;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, place: Buffer) {
    this.#handle = handle;
    this.place = place;
  }

  /** Undefined: there is none any more. */
  static async open(path: Buffer): Promise<Folder | undefined> {
    const handle = await open(path, FOLDER_ITSELF).catch(ignoreMissing);
    return handle && new Folder(handle, await readlink(self(handle), { encoding: 'buffer' }));
  }

  async list() {
    const opened = () => opendir(self(this.#handle), { encoding: 'buffer' as BufferEncoding });
    return opened().catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error;
      // Its owner, who is us, had locked it.
      await chmod(self(this.#handle), 0o700);
      return opened();
    });
  }

  entry(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(self(this.#handle)), SLASH, name]);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function isWithin(place: Buffer, real: Buffer): boolean {
  const top = Buffer.concat([real, SLASH]);
  return place.equals(real) || place.subarray(0, top.length).equals(top);
}

function self({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

function tooDeep(): HanabiError {
  return new HanabiError('HANABI-W007', `folders more than ${LIMITS.folder_depth_max} deep`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENAMETOOLONG') throw tooDeep();
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}

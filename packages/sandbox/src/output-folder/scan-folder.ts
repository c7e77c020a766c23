/** What lies in an output folder. Whoever filled it may be hostile, so the look is bounded in every direction. */
import type { Stats } from 'node:fs';
import { chmod, lstat, opendir } from 'node:fs/promises';
import { HanabiError, LIMITS, type TierLimits } from '@hanabi/protocol';

export interface FoundEntry {
  /** Whole path in the bytes of the file system: names need not be text. */
  path: Buffer;
  stats: Stats;
}

const SLASH = Buffer.from('/');

/** Folders and things that are left out count too. */
export function entriesMax({ output_files_max }: TierLimits): number {
  return 2 * output_files_max;
}

/**
 * All entries below a folder, links not followed. Throws HANABI-W007 when there are too many or they lie too deep. What
 * vanishes meanwhile is left out: the worker may still be at work.
 */
export async function scanFolder(dir: string, limits: TierLimits): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  let level: Buffer[] = [Buffer.from(dir)];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: Buffer[] = [];
    for (const folder of level) {
      for await (const path of entriesOf(folder)) {
        const stats = await lstat(path).catch(ignoreMissing);
        if (!stats) continue;
        if (found.length >= entriesMax(limits)) {
          throw new HanabiError('HANABI-W007', `more than ${entriesMax(limits)} files, folders and others`);
        }
        found.push({ path, stats });
        if (stats.isDirectory()) next.push(path);
      }
    }
    if (next.length > 0 && depth >= LIMITS.folder_depth_max) {
      throw tooDeep();
    }
    level = next;
  }
  return found;
}

async function* entriesOf(folder: Buffer): AsyncGenerator<Buffer, void, void> {
  const opened = await openFolder(folder);
  if (!opened) return;
  // The folder closes itself, also when whoever looks has seen enough. Its type knows no names in bytes.
  for await (const { name } of opened) yield Buffer.concat([folder, SLASH, name as unknown as Buffer]);
}

async function openFolder(folder: Buffer) {
  const open = () => opendir(folder, { encoding: 'buffer' as BufferEncoding });
  return open().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENAMETOOLONG') throw tooDeep();
    if (error.code !== 'EACCES') return ignoreMissing(error);
    // Its owner, who is us, had locked it.
    await chmod(folder, 0o700);
    return open();
  });
}

function tooDeep(): HanabiError {
  return new HanabiError('HANABI-W007', `folders more than ${LIMITS.folder_depth_max} deep`);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENAMETOOLONG') throw tooDeep();
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}

/** From what a build sandbox wrote to a folder that never changes again. */
import { chmod, chown, cp, lstat, mkdir, readdir, rename, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import { IS_ROOT } from '../bubblewrap/prepare.ts';
import { BuildError } from './build-box.ts';
import type { SystemLibrary } from './libraries.ts';

/** Debian's folder of Python libraries that are installed with apt. */
const SYSTEM_SITE = '/usr/lib/python3/dist-packages';

/**
 * The sandbox that wrote the folder is dead, and it read hostile files: nothing it left is believed. Only plain files
 * and folders stay, ours, and readable by every slot.
 */
export async function sealFolder(folder: string): Promise<void> {
  let [files, bytes] = [0, 0];
  const seal = async (path: string): Promise<void> => {
    const found = await lstat(path);
    const isFolder = found.isDirectory();
    if (!isFolder && !(found.isFile() && found.nlink === 1)) throw new BuildError('the build left a special file');
    files += 1;
    bytes += isFolder ? 0 : found.size;
    // Byte code doubles what the wheels have.
    if (files > 3 * LIMITS.library_layer_files_max || bytes > 2 * LIMITS.library_layer_bytes_max) {
      throw new BuildError('the build left more than it may');
    }
    if (IS_ROOT) await chown(path, 0, 0);
    await chmod(path, isFolder || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
    if (isFolder) for (const name of await readdir(path)) await seal(join(path, name));
  };
  await seal(folder);
}

/**
 * Shows the files of the machine's own distributions in the folder. Links, and not copies: what apt repairs is
 * repaired in here, and a job sees the same /usr.
 */
export async function linkSystemLibraries(folder: string, libraries: readonly SystemLibrary[]): Promise<void> {
  for (const link of new Set(libraries.flatMap(({ links }) => links))) {
    if (!isPlainPath(link)) throw new BuildError(`the build named "${link}" as a library of the machine`);
    await mkdir(dirname(join(folder, link)), { recursive: true });
    await symlink(join(SYSTEM_SITE, link), join(folder, link));
  }
}

/** False when apt has removed or renamed something since: a new version has a new name. */
export async function isSystemUnchanged(libraries: readonly SystemLibrary[]): Promise<boolean> {
  const links = libraries.flatMap((library) => library.links);
  const found = await Promise.all(links.map((link) => stat(join(SYSTEM_SITE, link)).catch(() => undefined)));
  return found.every(Boolean);
}

/** By rename where that is possible; never half of it. Whoever comes second finds the same files there. */
export async function moveFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
    if (code !== 'EXDEV') throw error;
    const incoming = `${to}.${process.pid}`;
    await cp(from, incoming, { recursive: true, verbatimSymlinks: true });
    await moveFolder(incoming, to);
  }
}

function isPlainPath(path: string): boolean {
  return path.length <= 1000 && /^[^/\0]+(\/[^/\0]+)*$/.test(path) && !/(^|\/)\.{1,2}(\/|$)/.test(path);
}

/** Writes the files of a user as a plain tree. What is there already and unchanged is left alone, so it can be resumed. */
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HanabiError, safeName } from '@hanabi/protocol';
import { ConfigError } from '../config.ts';
import { newId } from '../ids.ts';
import type { FileRow } from '../storage/rows.ts';
import { filesBelow, foldersBelow } from '../storage/subtree.ts';
import type { Opened } from './main.ts';
import { Progress } from './progress.ts';
import { userNamed } from './user-named.ts';

const PARTIAL = '.hanabi-export-';

/** Returns the exit code. */
export async function exportUser({ db, blobs }: Opened, userName: string, out: string): Promise<number> {
  const user = await userNamed(db, userName);
  const paths = new Map<string, string>();
  for (const folder of await foldersBelow(db, user.root_folder_id)) {
    const above = paths.get(folder.parent_id ?? '');
    const path = above === undefined ? resolve(out) : join(above, safeName(folder.name));
    await makeFolder(path);
    paths.set(folder.id, path);
  }
  const files = await filesBelow(db, user.root_folder_id);
  const progress = new Progress(files.reduce((sum, file) => sum + file.size_bytes, 0));
  const failed: string[] = [];
  let done = 0;
  let written = 0;
  for (const file of files) {
    const folder = paths.get(file.folder_id)!;
    progress.show(done, file.name);
    try {
      if (await writeFile(blobs, file, folder)) written += 1;
    } catch (error) {
      // One that is damaged does not keep the others from being saved; a full disk does.
      if (!(error instanceof HanabiError) || error.code !== 'HANABI-F007') throw error;
      failed.push(join(folder, file.name));
    }
    done += file.size_bytes;
  }
  progress.clear();
  for (const path of failed) console.error(`damaged, and not written: ${JSON.stringify(path)}`);
  console.log(`${files.length - failed.length} files in ${resolve(out)}, ${written} of them written now`);
  return failed.length === 0 ? 0 : 1;
}

/** An existing one is used, but never what a link leads to. Half-written files of an export that was killed go. */
async function makeFolder(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isDirectory()) throw new ConfigError(`${path} is in the way: it is not a folder`);
  await mkdir(path, { recursive: true });
  for (const name of await readdir(path)) {
    if (name.startsWith(PARTIAL)) await rm(join(path, name), { force: true });
  }
}

/** Returns whether there was anything to write. */
async function writeFile(blobs: Opened['blobs'], file: FileRow, folder: string): Promise<boolean> {
  const path = join(folder, safeName(file.name));
  const time = new Date(file.updated_at);
  const found = await lstat(path).catch(() => undefined);
  // A file system may keep times less exactly than we do.
  if (found?.isFile() && found.size === file.size_bytes && Math.abs(found.mtimeMs - time.getTime()) < 2) return false;
  if (found?.isDirectory()) throw new ConfigError(`${path} is in the way: it is a folder`);
  const partial = join(folder, PARTIAL + newId());
  try {
    await pipeline(blobs.stream(file.sha256), createWriteStream(partial, { flags: 'wx', flush: true }));
    await utimes(partial, time, time);
    // Takes the place of a link, too, rather than to follow it.
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return true;
}

import { readdirSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';

/** More than a job can have open, or mapped, would only be a way to keep the host busy. */
const PLACES_MAX = 4096;

const DELETED = ' (deleted)';

/**
 * What processes still hold of files of a folder's file system that were deleted: it takes room, and no name shows it.
 * They hold it open or mapped, or both. What is on its way from one process to another through a socket shows nowhere.
 */
export function hiddenBytes(dir: string, pids: readonly number[]): number {
  const device = statSync(dir).dev;
  const sizes = new Map<number, number>();
  let looked = 0;
  for (const place of placesOf(pids)) {
    looked += 1;
    if (looked > PLACES_MAX) break;
    const found = deletedFile(place);
    if (found?.isFile() && found.dev === device) sizes.set(found.ino, found.blocks * 512);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Of each thread: they need not share their descriptors, and the first one may have ended before the others. */
function* placesOf(pids: readonly number[]): Generator<string, void, void> {
  for (const pid of pids) {
    const threads = namesIn(`/proc/${pid}/task`);
    for (const thread of threads) {
      for (const fd of namesIn(`/proc/${thread}/fd`)) yield `/proc/${thread}/fd/${fd}`;
    }
    yield* deletedMappings(threads);
  }
}

/** The kernel says which are worth a look in one text: of the others there are hundreds in each process. */
function* deletedMappings(threads: readonly string[]): Generator<string, void, void> {
  const seen = new Set<string>();
  // Memory is shared by all of them, and gone from those that have ended.
  for (const thread of threads) {
    const maps = textOf(`/proc/${thread}/maps`);
    for (const line of maps.split('\n')) {
      if (!line.endsWith(DELETED)) continue;
      const [range, , , device, inode] = line.split(/ +/, 5);
      if (seen.has(`${device} ${inode}`)) continue;
      seen.add(`${device} ${inode}`);
      yield `/proc/${thread}/map_files/${withoutZeros(range!)}`;
    }
    if (maps !== '') return;
  }
}

/** "maps" writes addresses with at least eight digits, "map_files" without a leading zero. */
function withoutZeros(range: string): string {
  return range.replaceAll(/(^|-)0+(?=[\da-f])/g, '$1');
}

/** Undefined: it has a name, or was closed, or its process has ended, or only root may know. */
function deletedFile(place: string): Stats | undefined {
  try {
    return readlinkSync(place).endsWith(DELETED) ? statSync(place) : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

import { readdirSync, readlinkSync, statSync } from 'node:fs';

/** More than a job can have open would only be a way to keep the host busy. */
const DESCRIPTORS_MAX = 4096;

/** What processes still write to files of a folder's file system that were deleted: it takes room, and no name shows it. */
export function hiddenBytes(dir: string, pids: readonly number[]): number {
  const device = statSync(dir).dev;
  const sizes = new Map<number, number>();
  let looked = 0;
  for (const pid of pids) {
    for (const fd of descriptorsOf(pid)) {
      looked += 1;
      if (looked > DESCRIPTORS_MAX) return total(sizes);
      const path = `/proc/${pid}/fd/${fd}`;
      try {
        if (!readlinkSync(path).endsWith(' (deleted)')) continue;
        const found = statSync(path);
        if (found.isFile() && found.dev === device) sizes.set(found.ino, found.blocks * 512);
      } catch {
        // Closed, or ended, in the meantime.
      }
    }
  }
  return total(sizes);
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function total(sizes: ReadonlyMap<number, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

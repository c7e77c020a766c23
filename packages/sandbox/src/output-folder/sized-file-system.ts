/**
 * File systems of a given size in a file, as only root can mount them. The file is sparse and what is deleted inside is
 * given back, so an empty one takes no room.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { KIB, MIB, type TierLimits } from '@hanabi/protocol';
import { isAlive } from '../bubblewrap/cgroup-files.ts';

const run = promisify(execFile);
const SYSTEM = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

const BLOCK_BYTES = 4 * KIB;
const INODE_BYTES = 256;
/** The first ones are the file system's own. */
const RESERVED_INODES = 11;

/** Mounts a new one on an empty folder. Throws where this machine or this user cannot. */
export async function mountSized(dir: string, limits: TierLimits): Promise<void> {
  const image = `${dir}.image`;
  const file = await open(image, 'wx', 0o600);
  try {
    await file.truncate(imageBytes(limits));
    await file.close();
    const size = ['-b', BLOCK_BYTES, '-I', INODE_BYTES, '-N', inodesOf(limits), '-m', 0].map(String);
    await run('mkfs.ext4', ['-F', '-q', '-O', '^has_journal,^resize_inode', ...size, image], { env: SYSTEM });
    await run('mount', ['-t', 'ext4', '-o', 'loop,nodev,nosuid,noatime,discard', image, dir], { env: SYSTEM });
  } finally {
    // The mount keeps it alive, and nothing else is to: it goes with the mount, however that ends.
    await rm(image);
  }
  await rmdir(join(dir, 'lost+found'));
}

/** As many folders as files, and some more so that too many of them are seen as such. */
function inodesOf({ output_files_max }: TierLimits): number {
  return RESERVED_INODES + 2 * output_files_max + 8;
}

/** Room for the limit itself, for the tables, for a last block of each file that is not full, and what ext4 sets aside. */
function imageBytes(limits: TierLimits): number {
  const tables = 2 * MIB + inodesOf(limits) * (INODE_BYTES + BLOCK_BYTES);
  const bytes = (limits.output_bytes_max + tables) * 1.03;
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Also one that is busy, or gone already. */
export async function unmount(dir: string): Promise<void> {
  try {
    await run('umount', [dir], { env: SYSTEM }).catch(() => run('umount', ['--lazy', dir], { env: SYSTEM }));
  } catch (error) {
    if (mountsBelow(dirname(dir)).includes(dir)) throw error;
  }
}

/** What a supervisor left mounted that was killed. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder).toReversed()) await unmount(path);
}

/** Says whose it is, so that what a killed process left is known as such wherever it lies. */
export function mountName(number: number): string {
  return `out-${process.pid}-${number}`;
}

/** Takes away the mounts of processes that were killed, whichever folder they worked in: each holds a loop device. */
export async function unmountStale(): Promise<void> {
  for (const path of mountsBelow('').toReversed()) {
    const pid = /\/out-(\d+)-\d+$/.exec(path)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await unmount(path).catch(() => {}); // another start was faster
  }
}

/** In the order of mounting. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((path) => path.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8))))
    .filter((path) => path.startsWith(`${folder}/`));
}

/**
 * Takes the files that a worker left in its output folder. Every process of the job is dead, so nothing changes under our
 * hands; what lies there is as hostile as its worker: only plain files with one name are taken, their apparent size counts
 * before a byte of them is read, and their bytes pass through one small buffer.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { bareLeaf, HanabiError, KIB, LIMITS, MIB, type TierLimits } from '@hanabi/protocol';
import { type FoundEntry, scanFolder } from './output-folder/scan-folder.ts';
import type { JobOutput } from './sandbox.ts';
import { UniqueNames } from './unique-names.ts';

const BUFFER_BYTES = MIB;

/** What a file takes up beyond its bytes for good reasons: the rest of its last block, and notes on where its blocks are. */
const ROOM_BYTES_SLACK = 64 * KIB;
const BLOCK_BYTES = 512;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

export interface CollectOrder {
  output_dir: string;
  /** Where the files come to lie; not there yet. */
  outbox_dir: string;
  limits: TierLimits;
  /** Have each file written to disk before it is read: a full disk of the host may have lost some of it unnoticed. */
  sync: boolean;
  signal: AbortSignal;
}

export interface Collected {
  /** In the order of their paths. */
  outputs: JobOutput[];
  /** One line for each thing that is no output, for the author. */
  leftOut: string[];
}

export async function collectOutputs(order: CollectOrder): Promise<Collected> {
  const { output_dir, outbox_dir, limits } = order;
  const found = await scanFolder(output_dir, limits);
  const files = found.filter(isTaken).sort((a, b) => Buffer.compare(a.path, b.path));
  requireWithin(files, limits);
  const names = new UniqueNames();
  const outputs: JobOutput[] = [];
  if (files.length > 0) await mkdir(outbox_dir, { recursive: true, mode: 0o700 });
  if (process.getuid?.() !== 0) await unlockFolders(found, output_dir);
  for (const [index, file] of files.entries()) {
    const path = join(outbox_dir, String(index));
    const sha256 = await take(file, path, order);
    outputs.push({ name: names.take(leafOf(file.path)), path, size_bytes: file.stats.size, sha256 });
  }
  return { outputs, leftOut: describeRest(found, output_dir) };
}

/** Nothing can be moved out of a folder that its owner, who is us, may not write to. */
async function unlockFolders(found: readonly FoundEntry[], output_dir: string): Promise<void> {
  await chmod(output_dir, 0o700);
  for (const { path, stats } of found) if (stats.isDirectory()) await chmod(path, 0o700);
}

function isTaken({ stats }: FoundEntry): boolean {
  return stats.isFile() && stats.nlink === 1;
}

function requireWithin(files: readonly FoundEntry[], { output_bytes_max, output_files_max }: TierLimits): void {
  if (files.length > output_files_max) throw new HanabiError('HANABI-W007', `more than ${output_files_max} files`);
  const size_bytes = files.reduce((sum, { stats }) => sum + stats.size, 0);
  if (size_bytes > output_bytes_max) throw new HanabiError('HANABI-W006', `more than ${output_bytes_max} bytes`);
}

function leafOf(path: Buffer): string {
  return bareLeaf(path.subarray(path.lastIndexOf('/') + 1).toString('utf8'));
}

/** Moves it where that is one step, copies it where it is more than its bytes or on another file system. Returns its hash. */
async function take(file: FoundEntry, target: string, order: CollectOrder): Promise<string> {
  // As its owner we may have locked ourselves out. It is a plain file, so there is no link to follow.
  if (process.getuid?.() !== 0) await chmod(file.path, 0o600);
  const source = await open(file.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  try {
    const { size, ino, nlink, blocks } = await source.stat();
    if (size !== file.stats.size || ino !== file.stats.ino || nlink !== 1) {
      throw new HanabiError('HANABI-W014', 'an output changed after the worker had ended');
    }
    if (order.sync) await source.sync();
    // A worker can have room reserved beyond the end of a file, of any size. It would move along and count nowhere.
    const isPlain = blocks * BLOCK_BYTES <= size + ROOM_BYTES_SLACK;
    if (isPlain && (await moved(file.path, target))) {
      await source.chmod(0o600);
      if (process.getuid?.() === 0) await source.chown(0, 0);
      return await copyHashed(source, undefined, size, order.signal);
    }
    const copy = await open(target, 'wx', 0o600);
    try {
      return await copyHashed(source, copy, size, order.signal);
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}

async function moved(path: Buffer, target: string): Promise<boolean> {
  try {
    await rename(path, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
}

/** Reads all of a file, and writes it where there is something to write to. */
async function copyHashed(
  source: FileHandle,
  copy: FileHandle | undefined,
  size: number,
  signal: AbortSignal,
): Promise<string> {
  const hash: Hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(BUFFER_BYTES, size)));
  let at = 0;
  while (at < size) {
    if (signal.aborted) throw new HanabiError('HANABI-W016');
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) throw new HanabiError('HANABI-W014', 'an output became shorter after the worker had ended');
    const bytes = buffer.subarray(0, bytesRead);
    hash.update(bytes);
    if (copy) await copy.writeFile(bytes);
    at += bytesRead;
  }
  return hash.digest('hex');
}

function describeRest(found: readonly FoundEntry[], output_dir: string): string[] {
  const rest = found.filter((entry) => !isTaken(entry) && !entry.stats.isDirectory());
  const lines = rest.slice(0, LIMITS.job_left_out_names_max).map(({ path, stats }) => {
    const below = path.subarray(Buffer.byteLength(output_dir) + 1).toString('utf8');
    return `Left out of the outputs: ${printable(below)} is ${kindOf(stats)}, and only plain files are taken`;
  });
  if (rest.length > lines.length) lines.push(`Left out of the outputs: ${rest.length - lines.length} more`);
  return lines;
}

function printable(path: string): string {
  return path.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?').slice(0, 300);
}

function kindOf(stats: FoundEntry['stats']): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFile()) return 'a file with several names (hard links)';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

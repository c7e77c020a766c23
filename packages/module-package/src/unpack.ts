/** Unpacks a package into a folder that appears only when all of it is there and right. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import { HanabiError } from '@hanabi/protocol';
import type { ZipFile } from 'yauzl';
import { fileProblem, isJunk } from './package-files.ts';
import { withZip } from './zip/read-zip.ts';
import { DEFLATED, type ZipEntry } from './zip/zip-entry.ts';

/**
 * Unpacks `zipPath` to the new folder `targetDir`. Throws HANABI-V013 to V019; then nothing is left, neither at the
 * target nor beside it. What a system adds to folders by itself is left out.
 */
export async function unpack(zipPath: string, targetDir: string): Promise<void> {
  await withZip(zipPath, async ({ zip, entries }) => {
    const files = entries.filter(({ is_folder, path }) => !is_folder && !isJunk(path));
    for (const { path } of files) {
      const problem = fileProblem(path);
      if (problem) throw new HanabiError('HANABI-V019', problem);
    }
    await mkdir(dirname(targetDir), { recursive: true });
    const incoming = await mkdtemp(join(dirname(targetDir), `.incoming-${basename(targetDir)}-`));
    try {
      for (const entry of files) await unpackEntry(zip, entry, join(incoming, entry.path));
      await rename(incoming, targetDir);
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
  });
}

async function unpackEntry(zip: ZipFile, entry: ZipEntry, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const packed = await zip.openReadStreamPromise(entry.raw, { decodeFileData: false });
  const inflate = entry.raw.compressionMethod === DEFLATED ? createInflateRaw() : undefined;
  const check = new ContentCheck(entry);
  const sink = createWriteStream(target, { flags: 'wx', mode: 0o644 });
  try {
    await (inflate ? pipeline(packed, inflate, check, sink) : pipeline(packed, check, sink));
  } catch (cause) {
    if (cause instanceof HanabiError || !isZlibError(cause)) throw cause;
    throw new HanabiError('HANABI-V013', `${JSON.stringify(entry.path)} is damaged`, { cause });
  }
  check.finish(inflate);
}

function isZlibError(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}

/** Lets through no more than was announced, and knows at the end whether it was that. */
class ContentCheck extends Transform {
  private readonly entry: ZipEntry;
  private bytes = 0;
  private crc = 0;

  constructor(entry: ZipEntry) {
    super();
    this.entry = entry;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null, data?: Buffer) => void): void {
    this.bytes += chunk.length;
    this.crc = crc32(chunk, this.crc);
    if (this.bytes <= this.entry.size_bytes) done(null, chunk);
    else done(this.problem('unpacks to more bytes than it says'));
  }

  finish(inflate: InflateRaw | undefined): void {
    if (this.bytes !== this.entry.size_bytes) throw this.problem('unpacks to fewer bytes than it says');
    if (this.crc !== this.entry.raw.crc32) throw this.problem('does not have the checksum that it says');
    if (inflate && inflate.bytesWritten !== this.entry.raw.compressedSize) {
      throw this.problem('hides bytes behind its contents');
    }
  }

  private problem(what: string): HanabiError {
    return new HanabiError('HANABI-V013', `${JSON.stringify(this.entry.path)} ${what}`);
  }
}

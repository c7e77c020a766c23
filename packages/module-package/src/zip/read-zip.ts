/** Reads a package that anybody may have made. Everything is checked before the first content is unpacked. */
import { type FileHandle, open } from 'node:fs/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { NameRegister } from '../package-path.ts';
import { readZipEnd } from './zip-end.ts';
import { readZipEntry, type ZipEntry } from './zip-entry.ts';
import { checkLayout } from './zip-layout.ts';

export interface OpenZip {
  zip: ZipFile;
  entries: ZipEntry[];
}

/** Hands the checked entries to `use`. Throws HANABI-V013 to V018 before it does. */
export async function withZip<Result>(path: string, use: (zip: OpenZip) => Promise<Result>): Promise<Result> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const end = await readZipEnd(handle, size);
    // Names come as bytes: how they are read is decided here, and not by a flag of the stranger.
    const zip = await fromFdPromise(handle.fd, { decodeStrings: false, autoClose: false });
    const entries = await readEntries(zip, end.entries);
    await checkLayout(zip, handle, entries, end);
    return await use({ zip, entries });
  } finally {
    await close(handle);
  }
}

async function readEntries(zip: ZipFile, count: number): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  const names = new NameRegister();
  let total_bytes = 0;
  for await (const raw of rawEntries(zip)) {
    const entry = readZipEntry(raw);
    const collision = names.add(entry.path, entry.is_folder);
    if (collision) throw new HanabiError('HANABI-V017', collision);
    total_bytes += entry.size_bytes;
    if (total_bytes > LIMITS.package_total_bytes_max) {
      throw new HanabiError('HANABI-V015', `more than ${LIMITS.package_total_bytes_max} bytes unpacked`);
    }
    entries.push(entry);
  }
  if (entries.length !== count) throw new HanabiError('HANABI-V013', 'its directory is shorter than it says');
  return entries;
}

async function* rawEntries(zip: ZipFile): AsyncGenerator<Entry> {
  try {
    for await (const entry of zip.eachEntry()) yield entry;
  } catch (cause) {
    if (cause instanceof HanabiError) throw cause;
    const { message } = cause as Error;
    const code = /encrypt/.test(message) ? 'HANABI-V014' : 'HANABI-V013';
    throw new HanabiError(code, message.slice(0, 200), { cause });
  }
}

/** The reader may have closed it when it failed. */
async function close(handle: FileHandle): Promise<void> {
  await handle.close().catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
  });
}

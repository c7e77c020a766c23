/**
 * How the entries lie in the file: one behind the other from the first byte to the directory, each with a local header
 * that says the same as the directory. Nothing overlaps, nothing hides in between, and every reader sees the same files.
 */
import type { FileHandle } from 'node:fs/promises';
import { HanabiError } from '@hanabi/protocol';
import type { LocalFileHeader, ZipFile } from 'yauzl';
import { FLAG_DESCRIPTOR, type ZipEntry } from './zip-entry.ts';
import type { ZipEnd } from './zip-end.ts';

const DIRECTORY_RECORD_BYTES = 46;
const DESCRIPTOR_SIGNATURE = 0x08074b50;

/** Throws HANABI-V013. */
export async function checkLayout(
  zip: ZipFile,
  handle: FileHandle,
  entries: readonly ZipEntry[],
  end: ZipEnd,
): Promise<void> {
  const recordBytes = entries.map(({ raw }) => DIRECTORY_RECORD_BYTES + raw.fileNameLength + raw.extraFieldLength);
  if (recordBytes.reduce((sum, bytes) => sum + bytes, 0) !== end.directory_bytes) {
    throw new HanabiError('HANABI-V013', 'bytes stand between its directory and its end');
  }
  const inOrder = entries.toSorted((a, b) => a.raw.relativeOffsetOfLocalHeader - b.raw.relativeOffsetOfLocalHeader);
  let expected = 0;
  for (const entry of inOrder) {
    const offset = entry.raw.relativeOffsetOfLocalHeader;
    if (offset < expected) throw new HanabiError('HANABI-V013', `${shown(entry)} overlaps another entry`);
    if (offset > expected)
      throw new HanabiError('HANABI-V013', `${offset - expected} bytes hide before ${shown(entry)}`);
    const header = await localHeader(zip, entry);
    compareHeaders(header, entry);
    const dataEnd = header.fileDataStart + entry.raw.compressedSize;
    const hasDescriptor = (entry.raw.generalPurposeBitFlag & FLAG_DESCRIPTOR) !== 0;
    expected = dataEnd + (hasDescriptor ? await descriptorBytes(handle, dataEnd, entry) : 0);
    if (expected > end.directory_offset)
      throw new HanabiError('HANABI-V013', `${shown(entry)} reaches into the directory`);
  }
  const hidden = end.directory_offset - expected;
  if (hidden > 0) throw new HanabiError('HANABI-V013', `${hidden} bytes hide before its directory`);
}

async function localHeader(zip: ZipFile, entry: ZipEntry): Promise<LocalFileHeader> {
  try {
    return await zip.readLocalFileHeaderPromise(entry.raw);
  } catch (cause) {
    throw new HanabiError('HANABI-V013', `${shown(entry)}: ${(cause as Error).message.slice(0, 200)}`, { cause });
  }
}

function compareHeaders(header: LocalFileHeader, entry: ZipEntry): void {
  const { raw } = entry;
  const name = raw.fileName as unknown as Buffer;
  if (!header.fileName.equals(name)) {
    const other = JSON.stringify(header.fileName.toString('latin1').slice(0, 80));
    throw new HanabiError('HANABI-V013', `${shown(entry)} is called ${other} by its own header`);
  }
  const same =
    header.generalPurposeBitFlag === raw.generalPurposeBitFlag &&
    header.compressionMethod === raw.compressionMethod &&
    sameNumbers(header, entry);
  if (!same) throw new HanabiError('HANABI-V013', `${shown(entry)} has a header that contradicts the directory`);
}

/** With a descriptor the header may leave its numbers out; what it says must be true all the same. */
function sameNumbers(header: LocalFileHeader, { raw }: ZipEntry): boolean {
  const mayBeLeftOut = (raw.generalPurposeBitFlag & FLAG_DESCRIPTOR) !== 0;
  const numbers = ['crc32', 'compressedSize', 'uncompressedSize'] as const;
  return numbers.every((name) => header[name] === raw[name] || (mayBeLeftOut && header[name] === 0));
}

/** The length of the descriptor, whose signature is optional. */
async function descriptorBytes(handle: FileHandle, offset: number, entry: ZipEntry): Promise<number> {
  const bytes = Buffer.alloc(16);
  await handle.read(bytes, 0, bytes.length, offset);
  const { crc32, compressedSize, uncompressedSize } = entry.raw;
  const fits = (at: number) =>
    bytes.readUInt32LE(at) === crc32 &&
    bytes.readUInt32LE(at + 4) === compressedSize &&
    bytes.readUInt32LE(at + 8) === uncompressedSize;
  if (bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE && fits(4)) return 16;
  if (fits(0)) return 12;
  throw new HanabiError('HANABI-V013', `${shown(entry)} has a descriptor that contradicts the directory`);
}

function shown({ path }: ZipEntry): string {
  return JSON.stringify(path);
}

/**
 * The end of a zip. A reader usually searches for it from behind, and two readers may find two of them; here it is the
 * last 22 bytes or the file is refused, so that there is only one way to read it.
 */
import type { FileHandle } from 'node:fs/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';

const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;

export interface ZipEnd {
  entries: number;
  /** Where the central directory begins; it ends where the end begins. */
  directory_offset: number;
  directory_bytes: number;
}

/** Throws HANABI-V013, V014 or V015. */
export async function readZipEnd(handle: FileHandle, size_bytes: number): Promise<ZipEnd> {
  if (size_bytes > LIMITS.package_bytes_max) {
    throw new HanabiError('HANABI-V015', `${size_bytes} bytes, at most ${LIMITS.package_bytes_max}`);
  }
  if (size_bytes < END_BYTES) throw new HanabiError('HANABI-V013', 'the file is too short for a zip');
  const from = Math.max(0, size_bytes - END_BYTES - ZIP64_LOCATOR_BYTES);
  const tail = Buffer.alloc(size_bytes - from);
  await handle.read(tail, 0, tail.length, from);
  const end = tail.subarray(tail.length - END_BYTES);
  if (end.readUInt32LE(0) !== END_SIGNATURE) {
    throw new HanabiError('HANABI-V013', 'it does not end as a zip does; it is cut off, or bytes or a comment follow');
  }
  refuseZip64(tail, end);
  if (end.readUInt16LE(4) !== 0 || end.readUInt16LE(6) !== 0) {
    throw new HanabiError('HANABI-V014', 'it is one of several disks');
  }
  if (end.readUInt16LE(20) !== 0) throw new HanabiError('HANABI-V013', 'it announces a comment that is not there');
  return checked(end, size_bytes);
}

function refuseZip64(tail: Buffer, end: Buffer): void {
  const numbers = [end.readUInt16LE(8), end.readUInt16LE(10)];
  const sizes = [end.readUInt32LE(12), end.readUInt32LE(16)];
  const hasLocator =
    tail.length === END_BYTES + ZIP64_LOCATOR_BYTES && tail.readUInt32LE(0) === ZIP64_LOCATOR_SIGNATURE;
  if (hasLocator || numbers.includes(0xffff) || sizes.includes(0xffffffff)) {
    throw new HanabiError('HANABI-V014', 'it is a zip64');
  }
}

function checked(end: Buffer, size_bytes: number): ZipEnd {
  const entries = end.readUInt16LE(10);
  const directory_bytes = end.readUInt32LE(12);
  const directory_offset = end.readUInt32LE(16);
  if (end.readUInt16LE(8) !== entries) throw new HanabiError('HANABI-V013', 'it counts its entries in two ways');
  if (entries === 0) throw new HanabiError('HANABI-V013', 'it is empty');
  if (entries > LIMITS.package_entries_max) {
    throw new HanabiError('HANABI-V015', `${entries} entries, at most ${LIMITS.package_entries_max}`);
  }
  if (directory_offset + directory_bytes + END_BYTES !== size_bytes) {
    throw new HanabiError(
      'HANABI-V013',
      'its directory does not lie where its end says, or bytes stand before the zip',
    );
  }
  return { entries, directory_offset, directory_bytes };
}

/** What one line of a zip's directory may say, looked at before anything is unpacked. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { Entry } from 'yauzl';
import { unsafePathReason } from '../package-path.ts';

const STORED = 0;
export const DEFLATED = 8;

const FLAG_ENCRYPTED = 0x1;
export const FLAG_DESCRIPTOR = 0x8;
const FLAG_STRONG_ENCRYPTION = 0x40;
const FLAG_UTF8 = 0x800;
const FLAG_MASKED = 0x2000;
/** The two bits of deflate's level, the descriptor, UTF-8. */
const FLAGS_KNOWN = 0x2 | 0x4 | FLAG_DESCRIPTOR | FLAG_UTF8;

const EXTRA_ZIP64 = 0x0001;
const EXTRA_UNICODE_PATH = 0x7075;
const EXTRA_AES = 0x9901;

const UNIX_TYPE = 0o170000;
const UNIX_FILE = 0o100000;
const UNIX_FOLDER = 0o040000;
const DOS_FOLDER = 0x10;
const DOS_VOLUME = 0x08;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface ZipEntry {
  /** In NFC, without the slash of a folder. */
  path: string;
  is_folder: boolean;
  size_bytes: number;
  raw: Entry;
}

/** Throws HANABI-V013 to V018. */
export function readZipEntry(raw: Entry): ZipEntry {
  const name = entryName(raw);
  refuseFeatures(raw, name);
  const is_folder = name.endsWith('/');
  const path = (is_folder ? name.slice(0, -1) : name).normalize('NFC');
  const reason = unsafePathReason(path);
  if (reason) throw new HanabiError('HANABI-V016', reason);
  refuseType(raw, path, is_folder);
  refuseSizes(raw, path, is_folder);
  return { path, is_folder, size_bytes: raw.uncompressedSize, raw };
}

function entryName(raw: Entry): string {
  // The reader was asked for bytes, which its types do not know.
  const bytes = raw.fileName as unknown as Buffer;
  const isAscii = bytes.every((byte) => byte < 0x80);
  if (!isAscii && (raw.generalPurposeBitFlag & FLAG_UTF8) === 0) {
    throw new HanabiError('HANABI-V016', `${JSON.stringify(bytes.toString('latin1'))} is not marked as UTF-8`);
  }
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    const shown = JSON.stringify(bytes.toString('latin1'));
    throw new HanabiError('HANABI-V016', `${shown} is not valid UTF-8`, { cause });
  }
}

function refuseFeatures(raw: Entry, name: string): void {
  const { generalPurposeBitFlag: flags, compressionMethod } = raw;
  const extras = new Set(raw.extraFields.map(({ id }) => id));
  const shown = JSON.stringify(name.slice(0, 80));
  const refuse = (what: string) => {
    throw new HanabiError('HANABI-V014', `${shown} ${what}`);
  };
  if (flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED) || extras.has(EXTRA_AES)) refuse('is encrypted');
  if (flags & ~FLAGS_KNOWN) refuse(`has flags ${flags.toString(16)} that nobody needs`);
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) refuse(`has the method ${compressionMethod}`);
  if (extras.has(EXTRA_ZIP64)) refuse('has sizes of zip64');
  if (raw.fileCommentLength > 0) refuse('has a comment');
  if (extras.has(EXTRA_UNICODE_PATH)) throw new HanabiError('HANABI-V013', `${shown} has a second name`);
}

function refuseType(raw: Entry, path: string, isFolder: boolean): void {
  const shown = JSON.stringify(path);
  const type = (raw.externalFileAttributes >>> 16) & UNIX_TYPE;
  if (type !== 0 && type !== UNIX_FILE && type !== UNIX_FOLDER) {
    const what = type === 0o120000 ? 'a symbolic link' : 'a device, a pipe or a socket';
    throw new HanabiError('HANABI-V018', `${shown} is ${what}`);
  }
  if (raw.externalFileAttributes & DOS_VOLUME) throw new HanabiError('HANABI-V018', `${shown} is a volume label`);
  const saysFolder = type === UNIX_FOLDER || (raw.externalFileAttributes & DOS_FOLDER) !== 0;
  if (saysFolder !== isFolder && (saysFolder || type === UNIX_FILE)) {
    throw new HanabiError('HANABI-V013', `${shown} says that it is a folder and that it is a file`);
  }
}

function refuseSizes(raw: Entry, path: string, isFolder: boolean): void {
  const { compressedSize, uncompressedSize } = raw;
  const shown = JSON.stringify(path);
  if (isFolder && (compressedSize > 0 || uncompressedSize > 0)) {
    throw new HanabiError('HANABI-V013', `the folder ${shown} has contents of its own`);
  }
  if (uncompressedSize > LIMITS.package_entry_bytes_max) {
    const most = LIMITS.package_entry_bytes_max;
    throw new HanabiError('HANABI-V015', `${shown} has ${uncompressedSize} bytes, at most ${most}`);
  }
  const ratio = uncompressedSize / Math.max(1, compressedSize);
  if (uncompressedSize > LIMITS.package_ratio_free_bytes && ratio > LIMITS.package_ratio_max) {
    throw new HanabiError('HANABI-V015', `${shown} grows to ${Math.round(ratio)} times its size`);
  }
}

/** Which files of a module folder make up its package. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { NameRegister, unsafePathReason } from './package-path.ts';

export interface PackageFile {
  /** Relative, in NFC. */
  path: string;
  /** Where it is on this disk. */
  source: string;
  size_bytes: number;
}

/** What systems and tools leave in folders. Never part of a package. */
const JUNK = new Set(['node_modules', '__pycache__', '__MACOSX', 'thumbs.db', 'desktop.ini']);

export function isJunk(path: string): boolean {
  return path.split('/').some((part) => isJunkName(part));
}

function isJunkName(name: string): boolean {
  return (
    (name.startsWith('.') && !isSecretName(name)) ||
    JUNK.has(name) ||
    JUNK.has(name.toLowerCase()) ||
    name.endsWith('.pyc')
  );
}

const SECRET =
  /^(?:\.env(?:\..+)?|\.netrc|\.npmrc|\.pypirc|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx))$/i;
const NATIVE = /\.(?:exe|dll|so|dylib|node|msi|com|scr|jar|class|o|a)$|\.so\.\d/i;

function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Why a file may not be in a package by its name, or undefined. */
export function fileProblem(path: string): string | undefined {
  const shown = JSON.stringify(path);
  if (path.split('/').some(isSecretName)) return `${shown} looks like a secret`;
  return NATIVE.test(path) ? `${shown} looks like a native program or library` : undefined;
}

/** What programs of some system begin with. */
const MAGIC: readonly (readonly [string, string])[] = [
  ['7f454c46', 'a Linux program or library'],
  ['4d5a', 'a Windows program or library'],
  ['feedface', 'a macOS program or library'],
  ['feedfacf', 'a macOS program or library'],
  ['cefaedfe', 'a macOS program or library'],
  ['cffaedfe', 'a macOS program or library'],
  ['cafebabe', 'a macOS program or a Java class'],
];
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
/** A key stands near the beginning of its file, or it is not a key file. */
const LOOKED_AT_BYTES = 64 * 1024;

/** Why a file may not be in a package by what it holds, or undefined. */
export async function contentProblem({ path, source }: PackageFile): Promise<string | undefined> {
  const handle = await open(source, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(LOOKED_AT_BYTES), 0, LOOKED_AT_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const shown = JSON.stringify(path);
    // Programs hold zeros; a text may begin with the same letters.
    const magic = head.includes(0) ? MAGIC.find(([hex]) => head.toString('hex', 0, hex.length / 2) === hex) : undefined;
    if (magic) return `${shown} is ${magic[1]}`;
    return PRIVATE_KEY.test(head.toString('latin1')) ? `${shown} holds a private key` : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * The files of the package, sorted by path. Throws HANABI-V015 to V018 for what no package may hold; secrets and
 * programs are for `fileProblem` and `contentProblem` to find.
 */
export async function packageFiles(dir: string): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const names = new NameRegister();
  let total_bytes = 0;
  const add = async (path: string, source: string): Promise<void> => {
    const reason = unsafePathReason(path);
    if (reason) throw new HanabiError('HANABI-V016', reason);
    const collision = names.add(path, false);
    if (collision) throw new HanabiError('HANABI-V017', collision);
    const size_bytes = (await stat(source)).size;
    total_bytes += size_bytes;
    files.push({ path, source, size_bytes });
    refuseTooMuch(files, total_bytes);
  };
  const walk = async (folder: string, below: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (isJunkName(entry.name)) continue;
      const path = `${below}${entry.name.normalize('NFC')}`;
      const source = join(folder, entry.name);
      if (entry.isDirectory()) await walk(source, `${path}/`);
      else if (entry.isFile()) await add(path, source);
      else throw new HanabiError('HANABI-V018', JSON.stringify(path));
    }
  };
  await walk(dir, '');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function refuseTooMuch(files: readonly PackageFile[], totalBytes: number): void {
  const { path, size_bytes } = files.at(-1)!;
  const { package_entries_max, package_entry_bytes_max, package_total_bytes_max } = LIMITS;
  if (files.length > package_entries_max)
    throw new HanabiError('HANABI-V015', `more than ${package_entries_max} files`);
  if (size_bytes > package_entry_bytes_max) {
    throw new HanabiError(
      'HANABI-V015',
      `${JSON.stringify(path)} has ${size_bytes} bytes, at most ${package_entry_bytes_max}`,
    );
  }
  if (totalBytes > package_total_bytes_max)
    throw new HanabiError('HANABI-V015', `more than ${package_total_bytes_max} bytes`);
}

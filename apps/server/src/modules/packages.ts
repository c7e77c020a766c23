/** Module packages on disk: reading one, and installing it as an immutable copy named after its content. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HanabiError, type Manifest, MANIFEST_FILE, validateManifest } from '@hanabi/protocol';
import { newId } from '../ids.ts';

/** Never part of a package. */
const JUNK = new Set(['node_modules', '__pycache__', 'Thumbs.db']);

export interface InstalledPackage {
  manifest: Manifest;
  /** Where the copy lies. */
  dir: string;
}

/** The validated manifest of a module folder, or HANABI-V005, V006 or V007 with every breach. */
async function readManifest(dir: string, tiers: readonly string[]): Promise<Manifest> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(dir, MANIFEST_FILE), 'utf8'));
  } catch (cause) {
    throw new HanabiError('HANABI-V005', `${basename(dir)}/${MANIFEST_FILE}: ${(cause as Error).message}`, { cause });
  }
  const verdict = validateManifest(json, tiers);
  if (verdict.ok) return verdict.manifest;
  const detail = verdict.problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  throw new HanabiError(verdict.problems[0]!.code, detail);
}

/** Copies a module folder below `packagesDir`, unless a copy with the same content is there already. */
export async function installPackage(
  sourceDir: string,
  packagesDir: string,
  tiers: readonly string[],
): Promise<InstalledPackage> {
  const manifest = await readManifest(sourceDir, tiers);
  const paths = await packageFiles(sourceDir);
  for (const entry of [manifest.entrypoints.ui, manifest.entrypoints.worker]) {
    if (entry && !paths.includes(entry)) throw new HanabiError('HANABI-V005', `entrypoints: ${entry} is missing`);
  }
  const hash = createHash('sha256');
  for (const path of paths) {
    const bytes = await readFile(join(sourceDir, path));
    hash.update(`${path}\0${bytes.byteLength}\0`).update(bytes);
  }
  const dir = join(packagesDir, manifest.id, `${manifest.version}-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(dir)) await copyPackage(sourceDir, paths, dir);
  return { manifest, dir };
}

async function copyPackage(sourceDir: string, paths: readonly string[], dir: string): Promise<void> {
  const incoming = join(dirname(dir), `.incoming-${newId()}`);
  try {
    for (const path of paths) {
      const target = join(incoming, path);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(join(sourceDir, path), target);
    }
    await rename(incoming, dir).catch((error: unknown) => {
      // Another server of the same database was faster; the name says that it is the same.
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

/** Relative paths of the plain files of a package, sorted. Links and special files are refused. */
async function packageFiles(dir: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(dir, below), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || JUNK.has(entry.name)) continue;
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.name.startsWith('~') && below === '') {
        throw new HanabiError('HANABI-V005', `"${path}": names at the top may not begin with "~"`);
      }
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile()) files.push(path);
      else throw new HanabiError('HANABI-V005', `"${path}" is not a plain file`);
    }
  };
  await walk('');
  return files.sort();
}

/** Makes the package of a module folder: the same files give the same bytes, on every machine and at any time. */
import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { ZipFile } from 'yazl';
import { contentProblem, fileProblem, type PackageFile, packageFiles } from './package-files.ts';
import { contentDigest, fileDigests, SIGNATURE_FILE, signContent } from './signature.ts';

export interface PackedPackage {
  sha256: string;
  size_bytes: number;
  files: number;
  /** Of the files, whatever the zip around them. */
  content_sha256: string;
}

/** In local time, as zip has it: the fields come out alike in every time zone. */
const FIXED_TIME = new Date(1980, 0, 1, 0, 0, 0);

/**
 * Packs `dir` into the new file `target`. Entries are stored as they are, since a newer zlib compresses to other bytes.
 * With a key the package is signed; a signature that lies in the folder is replaced. Throws HANABI-V015 to V020.
 */
export async function pack(dir: string, target: string, privatePem?: string): Promise<PackedPackage> {
  const found = await packageFiles(dir);
  const files = privatePem === undefined ? found : found.filter(({ path }) => path !== SIGNATURE_FILE);
  await refuseForeign(files);
  const content_sha256 = contentDigest(await fileDigests(files));
  const entries = await Promise.all(files.map(async ({ path, source }) => ({ path, bytes: await readFile(source) })));
  if (privatePem !== undefined) {
    entries.push({ path: SIGNATURE_FILE, bytes: Buffer.from(signContent(content_sha256, privatePem)) });
    entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
  const zip = await zipOf(entries);
  if (zip.length > LIMITS.package_bytes_max) {
    throw new HanabiError('HANABI-V015', `${zip.length} bytes, at most ${LIMITS.package_bytes_max}`);
  }
  await writeWhole(target, zip);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  return { sha256, size_bytes: zip.length, files: entries.length, content_sha256 };
}

async function refuseForeign(files: readonly PackageFile[]): Promise<void> {
  for (const file of files) {
    const problem = fileProblem(file.path) ?? (await contentProblem(file));
    if (problem) throw new HanabiError('HANABI-V019', problem);
  }
}

async function zipOf(entries: readonly { path: string; bytes: Buffer }[]): Promise<Buffer> {
  const zip = new ZipFile();
  const how = { mtime: FIXED_TIME, mode: 0o100644, compress: false, forceDosTimestamp: true };
  for (const { path, bytes } of entries) zip.addBuffer(bytes, path, how);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Nobody finds half a package. */
async function writeWhole(target: string, bytes: Buffer): Promise<void> {
  const beside = `${target}.${process.pid}.part`;
  try {
    await writeFile(beside, bytes);
    await rename(beside, target);
  } finally {
    await rm(beside, { force: true });
  }
}

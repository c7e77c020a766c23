/**
 * The signature of a developer. It lies inside the package, so that it travels with it, and covers the path, the size and
 * the hash of every other file: it outlives zipping anew, and fits a folder as well.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { PackageFile } from './package-files.ts';
import { parseStrictJson } from './strict-json.ts';

export const SIGNATURE_FILE = 'hanabi.signature.json';
const ALGORITHM = 'ed25519';
const CONTEXT = 'hanabi module package 1';
const RAW_KEY_BYTES = 32;
/** What stands before the 32 bytes of an Ed25519 key in the encoding that node:crypto reads. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

interface PackageSignature {
  algorithm: typeof ALGORITHM;
  /** The 32 bytes in base64. */
  public_key: string;
  content_sha256: string;
  signature: string;
}

export interface FileDigest {
  path: string;
  size_bytes: number;
  sha256: string;
}

export async function fileDigests(files: readonly PackageFile[]): Promise<FileDigest[]> {
  const digests: FileDigest[] = [];
  for (const { path, source, size_bytes } of files) {
    digests.push({ path, size_bytes, sha256: await fileDigest(source) });
  }
  return digests;
}

/** SHA-256 over the paths, sizes and hashes of all files but the signature, in the order of their paths. */
export function contentDigest(files: readonly FileDigest[]): string {
  const digest = createHash('sha256');
  for (const { path, size_bytes, sha256 } of files) {
    if (path !== SIGNATURE_FILE) digest.update(`${path}\0${size_bytes}\0${sha256}\n`);
  }
  return digest.digest('hex');
}

async function fileDigest(source: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(source)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A new key of a developer, as PEM, and its public half. */
export function generateKey(): { private_pem: string; public_key: string } {
  const { privateKey, publicKey } = generateKeyPairSync(ALGORITHM);
  return { private_pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })), public_key: rawKey(publicKey) };
}

/** The text of hanabi.signature.json. Throws HANABI-V020 when the PEM is no Ed25519 key. */
export function signContent(contentSha256: string, privatePem: string): string {
  let key: KeyObject;
  try {
    key = createPrivateKey(privatePem);
  } catch (cause) {
    throw new HanabiError('HANABI-V020', 'the key is not a private key in PEM', { cause });
  }
  if (key.asymmetricKeyType !== ALGORITHM) throw new HanabiError('HANABI-V020', 'the key is not an Ed25519 key');
  const signature: PackageSignature = {
    algorithm: ALGORITHM,
    public_key: rawKey(createPublicKey(key)),
    content_sha256: contentSha256,
    signature: signBytes(null, signedBytes(contentSha256), key).toString('base64'),
  };
  return `${JSON.stringify(signature, null, 2)}\n`;
}

/** The public key that signed the files; undefined where none did. Throws HANABI-V020 when the signature does not fit. */
export async function verifySignature(
  files: readonly PackageFile[],
  contentSha256: string,
): Promise<string | undefined> {
  const file = files.find(({ path }) => path === SIGNATURE_FILE);
  if (!file) return undefined;
  if (file.size_bytes > LIMITS.package_signature_bytes_max) throw new HanabiError('HANABI-V020', 'it is too long');
  const { public_key, content_sha256, signature } = readSignature(await readFile(file.source));
  if (content_sha256 !== contentSha256) throw new HanabiError('HANABI-V020', 'the files were changed after signing');
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, Buffer.from(public_key, 'base64')]),
    format: 'der',
    type: 'spki',
  });
  if (!verifyBytes(null, signedBytes(content_sha256), key, Buffer.from(signature, 'base64'))) {
    throw new HanabiError('HANABI-V020', 'it was not made with the key that it names');
  }
  return public_key;
}

/**
 * Whether an update may follow the version before it: once signed, always signed with the same key. Throws HANABI-V020.
 */
export function requireSameKey(before: string | null | undefined, after: string | null | undefined): void {
  if (!before || before === after) return;
  const detail = after ? 'it was made with another key than the version before' : 'the version before was signed';
  throw new HanabiError('HANABI-V020', detail);
}

function readSignature(bytes: Buffer): PackageSignature {
  let json: unknown;
  try {
    json = parseStrictJson(bytes);
  } catch (cause) {
    throw new HanabiError('HANABI-V020', `${SIGNATURE_FILE} ${(cause as Error).message}`, { cause });
  }
  const fields = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const { algorithm, public_key, content_sha256, signature } = fields;
  const isShape =
    algorithm === ALGORITHM &&
    typeof public_key === 'string' &&
    Buffer.from(public_key, 'base64').length === RAW_KEY_BYTES &&
    Buffer.from(public_key, 'base64').toString('base64') === public_key &&
    typeof content_sha256 === 'string' &&
    typeof signature === 'string';
  if (!isShape) throw new HanabiError('HANABI-V020', `${SIGNATURE_FILE} has not the fields of an Ed25519 signature`);
  return { algorithm, public_key, content_sha256, signature };
}

function signedBytes(contentSha256: string): Buffer {
  return Buffer.from(`${CONTEXT}\n${contentSha256}\n`);
}

function rawKey(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return der.subarray(der.length - RAW_KEY_BYTES).toString('base64');
}

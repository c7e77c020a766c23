/** The files of a backup: written so that they survive a power cut, and read only as what their hashes say. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, opendir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';

export interface Written {
  size_bytes: number;
  sha256: string;
}

/** Whoever reads the data of a server must be that server’s operator. */
const MODE = 0o600;

export async function writeFileOf(path: string, chunks: AsyncIterable<Uint8Array | string>): Promise<Written> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let size_bytes = 0;
  const file = createWriteStream(path, { flags: 'wx', mode: MODE, flush: true });
  const done = finished(file);
  done.catch(() => undefined);
  try {
    for await (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      hash.update(bytes);
      size_bytes += bytes.byteLength;
      if (!file.write(bytes)) await Promise.race([once(file, 'drain'), done]);
    }
    file.end();
    await done;
  } catch (error) {
    file.destroy();
    await rm(path, { force: true });
    throw error;
  }
  return { size_bytes, sha256: hash.digest('hex') };
}

export async function hashOf(path: string): Promise<Written> {
  const hash = createHash('sha256');
  let size_bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size_bytes += chunk.byteLength;
  }
  return { size_bytes, sha256: hash.digest('hex') };
}

/** JSON on one line: two characters that JSON lets stand as they are would end it. */
export function lineOf(value: unknown): string {
  return `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

export async function* linesOf(path: string): AsyncGenerator<unknown, void, void> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  for await (const line of lines) yield JSON.parse(line) as unknown;
}

/**
 * Paths relative to the folder, below one of its folders or at its top; nothing where there is none. What begins with a
 * dot is not finished.
 */
export async function* plainFiles(dir: string, below = '', deep = true): AsyncGenerator<string, void, void> {
  const folder = await opendir(join(dir, below)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!folder) return;
  for await (const entry of folder) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory() && deep) yield* plainFiles(dir, path);
    else if (entry.isFile()) yield path;
  }
}

/** A package that somebody sends: kept beside the others until it is known whether it is one. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { unpack } from '@hanabi/module-package';
import { newId } from '../ids.ts';

const INCOMING = '.incoming-';

export interface ReceivedPackage {
  /** The unpacked files; whoever keeps them renames the folder. */
  dir: string;
  /** Of the zip. */
  sha256: string;
  size_bytes: number;
}

/** Unpacks what comes and hands it to `use`; afterwards nothing is left of what was not taken. */
export async function withReceived<Result>(
  body: Readable,
  packagesDir: string,
  use: (received: ReceivedPackage) => Promise<Result>,
): Promise<Result> {
  const scratch = join(packagesDir, `${INCOMING}${newId()}`);
  await mkdir(scratch, { recursive: true });
  try {
    const zip = join(scratch, 'package.zip');
    const hash = createHash('sha256');
    let size_bytes = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _, done) {
        size_bytes += chunk.length;
        hash.update(chunk);
        if (size_bytes <= LIMITS.package_bytes_max) done(null, chunk);
        else done(new HanabiError('HANABI-V015', `at most ${LIMITS.package_bytes_max} bytes`));
      },
    });
    await pipeline(body, counted, createWriteStream(zip, { flags: 'wx', mode: 0o600 }));
    const dir = join(scratch, 'package');
    await unpack(zip, dir);
    return await use({ dir, sha256: hash.digest('hex'), size_bytes });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Older than this, nobody can be sending it any more. */
const LEFT_MS = 24 * 3600 * 1000;

/** What a server that died left; another one may share the folder and be at work in it. */
export async function removeReceived(packagesDir: string): Promise<void> {
  for (const name of await readdir(packagesDir)) {
    if (!name.startsWith(INCOMING)) continue;
    const path = join(packagesDir, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < Date.now() - LEFT_MS) await rm(path, { recursive: true, force: true });
  }
}

/** The files of one job on their way out: counted, hashed and written below the work folder. */
import { createHash, type Hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bareLeaf, HanabiError, KIB, type TierLimits } from '@hanabi/protocol';
import type { JobOutput } from './sandbox.ts';
import { UniqueNames } from './unique-names.ts';

/** One up to this size is written at once when it is complete: each trip to another thread costs more than the write. */
const SMALL_BYTES_MAX = 64 * KIB;

interface OpenOutput {
  name: string;
  path: string;
  size_bytes: number;
  missing_bytes: number;
  /** Where its bytes go: of a small one into memory first. */
  target: FileHandle | Buffer;
  hash: Hash;
}

/** The worker sent bytes that belong to no file, or announced more than it sent. */
export class OutputOrderError extends Error {}

export class Outbox {
  readonly #folder: string;
  readonly #limits: TierLimits;
  readonly #names = new UniqueNames();
  readonly #done: JobOutput[] = [];
  #current: OpenOutput | undefined;
  #bytes = 0;

  constructor(folder: string, limits: TierLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** The announced size counts at once, so that a worker learns of its limit before it sends anything. */
  async begin(name: string, size_bytes: number): Promise<void> {
    if (this.#current) throw new OutputOrderError('a file began before the last one was complete');
    const { output_bytes_max, output_files_max } = this.#limits;
    if (this.#done.length >= output_files_max) {
      throw new HanabiError('HANABI-W007', `more than ${output_files_max} files`);
    }
    this.#bytes += size_bytes;
    if (this.#bytes > output_bytes_max) {
      throw new HanabiError('HANABI-W006', `more than ${output_bytes_max} bytes`);
    }
    if (this.#done.length === 0) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, String(this.#done.length));
    this.#current = {
      name: this.#names.take(bareLeaf(name)),
      path,
      size_bytes,
      missing_bytes: size_bytes,
      target: size_bytes > SMALL_BYTES_MAX ? await open(path, 'wx', 0o600) : Buffer.allocUnsafe(size_bytes),
      hash: createHash('sha256'),
    };
    if (size_bytes === 0) await this.#finish(this.#current);
  }

  async write(bytes: Buffer): Promise<void> {
    const current = this.#current;
    if (!current || bytes.length > current.missing_bytes) throw new OutputOrderError('bytes that belong to no file');
    current.hash.update(bytes);
    const { target, size_bytes } = current;
    if (Buffer.isBuffer(target)) bytes.copy(target, size_bytes - current.missing_bytes);
    else for (let written = 0; written < bytes.length; ) written += (await target.write(bytes, written)).bytesWritten;
    current.missing_bytes -= bytes.length;
    if (current.missing_bytes === 0) await this.#finish(current);
  }

  complete(): JobOutput[] {
    if (this.#current) throw new OutputOrderError('the last file is not complete');
    return this.#done;
  }

  async discard(): Promise<void> {
    await closed(this.#current?.target);
    this.#current = undefined;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #finish({ name, path, size_bytes, target, hash }: OpenOutput): Promise<void> {
    this.#current = undefined;
    if (Buffer.isBuffer(target)) writeFileSync(path, target, { flag: 'wx', mode: 0o600 });
    else await target.close();
    this.#done.push({ name, path, size_bytes, sha256: hash.digest('hex') });
  }
}

async function closed(target: FileHandle | Buffer | undefined): Promise<void> {
  if (target && !Buffer.isBuffer(target)) await target.close();
}

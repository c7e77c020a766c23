/** The files of one job on their way out: counted, hashed and written below the work folder. */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bareLeaf, HanabiError, type TierLimits } from '@hanabi/protocol';
import type { JobOutput } from './sandbox.ts';
import { UniqueNames } from './unique-names.ts';

interface OpenOutput {
  name: string;
  path: string;
  size_bytes: number;
  missing_bytes: number;
  file: FileHandle;
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
    if (this.#done.length === 0) await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, String(this.#done.length));
    this.#current = {
      name: this.#names.take(bareLeaf(name)),
      path,
      size_bytes,
      missing_bytes: size_bytes,
      file: await open(path, 'wx', 0o600),
      hash: createHash('sha256'),
    };
    if (size_bytes === 0) await this.#finish(this.#current);
  }

  async write(bytes: Buffer): Promise<void> {
    const current = this.#current;
    if (!current || bytes.length > current.missing_bytes) throw new OutputOrderError('bytes that belong to no file');
    current.hash.update(bytes);
    current.missing_bytes -= bytes.length;
    for (let written = 0; written < bytes.length; ) {
      written += (await current.file.write(bytes, written)).bytesWritten;
    }
    if (current.missing_bytes === 0) await this.#finish(current);
  }

  complete(): JobOutput[] {
    if (this.#current) throw new OutputOrderError('the last file is not complete');
    return this.#done;
  }

  async discard(): Promise<void> {
    await this.#current?.file.close();
    this.#current = undefined;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #finish({ name, path, size_bytes, file, hash }: OpenOutput): Promise<void> {
    this.#current = undefined;
    await file.close();
    this.#done.push({ name, path, size_bytes, sha256: hash.digest('hex') });
  }
}

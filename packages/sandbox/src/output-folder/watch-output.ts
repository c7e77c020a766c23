import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HanabiError, KIB, LIMITS, MIB, type TierLimits } from '@hanabi/protocol';
import { entriesMax, scanFolder } from './scan-folder.ts';

/** The last of a sized file system, which only a worker gets to that has written more than it may. */
const LAST_BYTES = 64 * KIB;

/** With less than this left on the host's disk between two looks, a write of a sized file system may have been lost. */
const SCARCE_BYTES = 1024 * MIB;

const BLOCK_BYTES = 512;

export interface WatchedOutput {
  dir: string;
  sized: boolean;
  /** Bytes of files that were deleted and are still open; on a plain folder they are written all the same. */
  hiddenBytes?: () => number;
}

/** Looks at an output folder from time to time. */
export class OutputWatch {
  readonly #output: WatchedOutput;
  readonly #limits: TierLimits;
  #look: Promise<HanabiError | undefined> | undefined;
  #wasScarce = false;

  constructor(output: WatchedOutput, limits: TierLimits) {
    this.#output = output;
    this.#limits = limits;
  }

  /** Whether the disk of the host was so full that what the worker wrote must be seen to have arrived. */
  get wasScarce(): boolean {
    return this.#wasScarce;
  }

  /** The limit that is broken, if any. One look at a time: who asks meanwhile gets its answer. */
  look(): Promise<HanabiError | undefined> {
    this.#look ??= this.#lookOnce().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  /** After the death of the worker. */
  async lastLook(): Promise<HanabiError | undefined> {
    await this.#look;
    return this.look();
  }

  async #lookOnce(): Promise<HanabiError | undefined> {
    try {
      return (await this.#lookAtDisk()) ?? (this.#output.sized ? await this.#lookAtSize() : await this.#lookInside());
    } catch (error) {
      if (error instanceof HanabiError) return error;
      return undefined; // the worker renames and removes under our eyes; what lasts is found the next time
    }
  }

  async #lookAtDisk(): Promise<HanabiError | undefined> {
    const { bavail, bsize } = await statfs(dirname(dirname(this.#output.dir)));
    this.#wasScarce ||= bavail * bsize < SCARCE_BYTES;
    return bavail * bsize < LIMITS.disk_reserve_bytes ? new HanabiError('HANABI-Q003') : undefined;
  }

  async #lookAtSize(): Promise<HanabiError | undefined> {
    const { bavail, bsize, ffree } = await statfs(this.#output.dir);
    if (ffree === 0) return this.#tooMany();
    return bavail * bsize < LAST_BYTES ? this.#tooMuch() : undefined;
  }

  async #lookInside(): Promise<HanabiError | undefined> {
    const entries = await scanFolder(this.#output.dir, this.#limits);
    const blocks = new Map(entries.map(({ stats }) => [stats.ino, stats.blocks]));
    const written = [...blocks.values()].reduce((sum, count) => sum + count * BLOCK_BYTES, 0);
    const hidden = this.#output.hiddenBytes?.() ?? 0;
    // The last block of each file, and the folders themselves.
    const slack = entries.length * 4 * KIB;
    return written + hidden - slack > this.#limits.output_bytes_max ? this.#tooMuch() : undefined;
  }

  #tooMuch(): HanabiError {
    return new HanabiError('HANABI-W006', `more than ${this.#limits.output_bytes_max} bytes`);
  }

  #tooMany(): HanabiError {
    return new HanabiError('HANABI-W007', `more than ${entriesMax(this.#limits)} files, folders and others`);
  }
}

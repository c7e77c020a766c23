/**
 * The folder that a worker sees as /out. Best is a file system that holds just what the tier allows; where there is none,
 * the host looks at the folder while the job runs, and a job can write somewhat more than it may before it is ended.
 */
import { chownSync, mkdirSync, rmdirSync } from 'node:fs';
import { chmod, mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS, type TierLimits } from '@hanabi/protocol';
import { removeTree } from './remove-tree.ts';
import { mountName, mountSized, unmount } from './sized-file-system.ts';

export interface OutputFolder {
  /** Made anew for each job: also the modes and attributes of a folder would tell the next one something. */
  readonly dir: string;
  /** It lies on a file system of its own that cannot hold more than the tier allows. */
  readonly sized: boolean;
}

interface Made extends OutputFolder {
  readonly uid: number | undefined;
  readonly key: string;
}

/** The output folders of one sandbox. A slot keeps its folders from job to job, one for each size that it has had. */
export class OutputFolders {
  readonly #made = new Map<string, Promise<Made>>();
  readonly #mounted = new Set<string>();
  readonly #mountsDir: string | undefined;
  #canBeSized: boolean;
  #numbers = 0;

  /**
   * `sized`: whether to try; the first one that cannot be made shows that none can. `mounts_dir`: where file systems are
   * mounted, if not in the folder of their slot: that one must not be a mount itself where inputs are linked into it.
   */
  constructor({ sized, mounts_dir }: { sized: boolean; mounts_dir?: string | undefined }) {
    this.#canBeSized = sized;
    this.#mountsDir = mounts_dir;
  }

  get areSized(): boolean {
    return this.#canBeSized;
  }

  /** An empty folder below `parent` for a worker of that user; undefined: the user we are ourselves. */
  async open(parent: string, limits: TierLimits, uid: number | undefined): Promise<OutputFolder> {
    const sized = this.#canBeSized && limits.output_bytes_max <= LIMITS.sized_output_bytes_max;
    const size = sized ? `${limits.output_bytes_max}-${limits.output_files_max}` : 'plain';
    const key = `${parent}|${size}`;
    const known = this.#made.get(key);
    if (known) return known;
    const made = this.#make(parent, sized ? limits : undefined, uid, key);
    this.#made.set(key, made);
    made.catch(() => this.#made.delete(key));
    return made;
  }

  /** Makes it ready for the next job; nothing may use it any more. One that cannot be emptied is never used again. */
  async empty(folder: OutputFolder): Promise<void> {
    const { dir, sized, uid, key } = folder as Made;
    try {
      if (!sized || !removedAtOnce(dir)) {
        await rmdir(dir).catch(async () => {
          await removeTree(dir);
          await rmdir(dir);
        });
      }
      makePrivate(dir, uid);
    } catch (error) {
      this.#made.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#made.values());
    for (const base of this.#mounted) await unmount(base);
    this.#mounted.clear();
  }

  async #make(parent: string, limits: TierLimits | undefined, uid: number | undefined, key: string): Promise<Made> {
    this.#numbers += 1;
    const base = join(limits ? (this.#mountsDir ?? parent) : parent, mountName(this.#numbers));
    await mkdir(base);
    let sized = false;
    if (limits) {
      sized = await mountSized(base, limits).then(
        () => true,
        () => false,
      );
      if (sized) this.#mounted.add(base);
      else this.#canBeSized = false;
    }
    await chmod(base, 0o711);
    const dir = join(base, 'out');
    makePrivate(dir, uid);
    return { dir, sized, uid, key };
  }
}

/** Most jobs leave nothing there. Only where its size is bounded: it is done at once, while everything else waits. */
function removedAtOnce(dir: string): boolean {
  try {
    rmdirSync(dir);
    return true;
  } catch {
    return false;
  }
}

function makePrivate(dir: string, uid: number | undefined): void {
  mkdirSync(dir, { mode: 0o700 });
  if (uid !== undefined) chownSync(dir, uid, uid);
}

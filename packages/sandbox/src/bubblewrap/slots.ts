/** A slot is a host user, an input and an output folder and a cgroup of its own; boxes use it one after the other. */
import { constants, readdirSync } from 'node:fs';
import { chmod, chown, copyFile, link, mkdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bareLeaf, type TierLimits } from '@hanabi/protocol';
import { type OutputFolder, OutputFolders } from '../output-folder/output-folder.ts';
import type { JobSpec } from '../sandbox.ts';
import { UniqueNames } from '../unique-names.ts';
import type { Cgroup, Cgroups } from './cgroups.ts';
import { IS_ROOT } from './prepare.ts';

/** In the one large range that distributions and systemd leave unused: above all containers, below 2^31. */
export const FIRST_UID = 1_900_000_000;

export interface Slot {
  readonly number: number;
  /** Undefined: not root, so the worker's processes are this user's own. */
  readonly uid: number | undefined;
  readonly input_dir: string;
  readonly output: OutputFolder;
  readonly cgroup: Cgroup | undefined;
}

type Place = Omit<Slot, 'output'> & { readonly folder: string };

export class Slots {
  readonly #root: string;
  readonly #cgroups: Cgroups | undefined;
  readonly #outputs: OutputFolders;
  readonly #free: Place[] = [];
  #made: number;

  /**
   * `first`: the number of its first slot, where several of these share a sandbox. `sized`: whether to try for output
   * folders that are file systems of their own; `mounts_dir`: where those are mounted, if not beside the others.
   */
  constructor(root: string, cgroups: Cgroups | undefined, first = 0, sized = IS_ROOT, mounts_dir?: string) {
    this.#outputs = new OutputFolders({ sized, mounts_dir });
    this.#made = first;
    this.#root = join(root, 'slots');
    this.#cgroups = cgroups;
  }

  /** Whether jobs of the smaller tiers write to file systems of their own. */
  get outputIsSized(): boolean {
    return this.#outputs.areSized;
  }

  async take(limits: TierLimits): Promise<Slot> {
    const place = this.#free.pop() ?? (await this.#make());
    return { ...place, output: await this.#outputs.open(place.folder, limits, place.uid) };
  }

  /** Nothing may live in it any more. One that cannot be emptied is never used again. */
  async giveBack(slot: Slot): Promise<void> {
    try {
      for (const name of readdirSync(slot.input_dir)) await rm(join(slot.input_dir, name));
      await this.#outputs.empty(slot.output);
    } catch {
      return;
    }
    const { output: _, ...place } = slot;
    this.#free.push(place as Place);
  }

  async close(): Promise<void> {
    await this.#outputs.close();
  }

  async #make(): Promise<Place> {
    const number = this.#made;
    this.#made += 1;
    const uid = IS_ROOT ? FIRST_UID + number : undefined;
    const folder = join(this.#root, String(number));
    const input_dir = join(folder, 'in');
    await mkdir(input_dir, { recursive: true });
    await chmod(this.#root, 0o711);
    // Only the slot's own group gets in: the files of one job are out of reach for every other user of the machine.
    for (const path of [folder, input_dir]) {
      if (uid !== undefined) await chown(path, 0, uid);
      await chmod(path, uid === undefined ? 0o700 : 0o750);
    }
    return { number, uid, folder, input_dir, cgroup: this.#cgroups?.group(`slot-${number}`) };
  }
}

/**
 * Puts the files where the slot reads them, by hard link where that is safe. A link shares its inode with the
 * original: besides the read-only mount, the slot's user must have no right to write it.
 */
export async function placeInputs(slot: Slot, inputs: JobSpec['inputs']): Promise<string[]> {
  const names = new UniqueNames();
  const placed: string[] = [];
  for (const { name, path } of inputs) {
    const unique = names.take(bareLeaf(name));
    await placeInput(slot, await realpath(path), join(slot.input_dir, unique));
    placed.push(unique);
  }
  return placed;
}

async function placeInput(slot: Slot, source: string, target: string): Promise<void> {
  const mode = (await stat(source)).mode & 0o777;
  if (slot.uid === undefined || (mode & 0o006) === 0o004) {
    const linked = await link(source, target).then(
      () => true,
      () => false,
    );
    if (linked) return;
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  if (slot.uid !== undefined) await chown(target, 0, slot.uid);
  await chmod(target, 0o440);
}

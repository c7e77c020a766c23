/**
 * Clones that are ahead of their jobs, a few for each fork server: joining a cgroup and seven new namespaces are behind
 * them, so that a job waits for its package only.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { TierLimits } from '@hanabi/protocol';
import type { Cgroups } from '../bubblewrap/cgroups.ts';
import { packageMounts } from '../bubblewrap/mounts.ts';
import { type Slot, Slots } from '../bubblewrap/slots.ts';
import type { Tools } from '../bubblewrap/tools.ts';
import { mountName } from '../output-folder/sized-file-system.ts';
import { Places } from '../places.ts';
import { ForkBox } from './fork-box.ts';
import { ForkServer, type ForkServerParts } from './fork-server.ts';
import { type ForkServerFolders, PACKAGES, SIZED_OUTPUTS, slotMounts, SLOTS } from './outer-command.ts';

/** Clones that wait, of all limits together. */
const WAITING_MAX = 4;
/** Beside those that wait and those that work: the ones that are just dying. */
const DYING_MAX = 4;

export interface ForkPoolParts {
  tools: Tools;
  folders: Omit<ForkServerFolders, 'slots_dir' | 'outputs_dir'>;
  activities: boolean;
  cgroups: Cgroups;
  /** Empty and this pool's own. */
  root: string;
  first_slot: number;
  jobs_max: number;
}

interface WaitingBox {
  sealing: string;
  box: Promise<ForkBox>;
}

/** One fork server and its boxes. */
export class ForkPool {
  readonly #server: ForkServer;
  readonly #slots: Slots;
  readonly #slotsDir: string;
  readonly #outputsDir: string;
  readonly #places: Places;
  /** Oldest first. */
  readonly #waiting: WaitingBox[] = [];
  readonly #alive = new Set<ForkBox>();
  #closed = false;

  private constructor(server: ForkServer, slots: Slots, slotsDir: string, outputsDir: string, places: number) {
    this.#outputsDir = outputsDir;
    this.#server = server;
    this.#slots = slots;
    this.#slotsDir = slotsDir;
    this.#places = new Places(places);
  }

  /** Throws where a fork server cannot run. */
  static async open(parts: ForkPoolParts): Promise<ForkPool> {
    const { tools, folders, activities, cgroups, root, first_slot, jobs_max } = parts;
    const slotsDir = join(root, 'slots');
    await mkdir(slotsDir, { recursive: true, mode: 0o711 });
    // Not the slots themselves: nothing can be linked into a mount, or renamed out of it.
    const outputsDir = join(root, mountName(0));
    await mkdir(outputsDir, { mode: 0o711 });
    await showLaterMounts(outputsDir);
    const slots = new Slots(root, cgroups, first_slot, true, outputsDir);
    const places = jobs_max + WAITING_MAX + DYING_MAX;
    const join_files = Array.from({ length: places }, (_, n) => cgroups.group(`slot-${first_slot + n}`).joinFiles);
    const started: ForkServerParts = {
      tools,
      folders: { ...folders, slots_dir: slotsDir, outputs_dir: outputsDir },
      activities,
      first_slot,
      join_files,
    };
    const server = await ForkServer.start(started).catch(async (error: unknown) => {
      await hideLaterMounts(outputsDir);
      throw error;
    });
    return new ForkPool(server, slots, slotsDir, outputsDir, places);
  }

  get isAlive(): boolean {
    return this.#server.isAlive && !this.#closed;
  }

  /** A box in which Python is about to be up. Whoever takes it ends it with `dispose`. */
  async take(packageName: string, limits: TierLimits): Promise<ForkBox> {
    const box = await this.#takeWaiting(limits);
    try {
      const folders = slotMounts(this.#inside(box.slot.input_dir), this.#inside(box.output_dir));
      box.boot([...folders, ...packageMounts(join(PACKAGES, packageName), undefined)], limits);
      return box;
    } catch (error) {
      await this.dispose(box);
      throw error;
    }
  }

  /** Settles when everything in the box is dead and its slot is free again. */
  async dispose(box: ForkBox): Promise<void> {
    await box.kill();
    this.#alive.delete(box);
    if (this.#closed) return;
    await this.#slots.giveBack(box.slot);
    this.#places.leave();
  }

  /** Gets boxes ready for the limits that are likely next. */
  refill(limits: TierLimits): void {
    const sealing = JSON.stringify(limits);
    const stale = this.#waiting.filter((waiting) => waiting.sealing !== sealing);
    // Those of other limits make room, but for one.
    while (this.#waiting.length >= WAITING_MAX && stale.length > 1) this.#evict(stale.shift()!);
    while (this.isAlive && this.#waiting.length < WAITING_MAX) this.#prepare(sealing, limits);
  }

  /** Settles when every box is dead. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#waiting.map(({ box }) => box));
    await Promise.allSettled([...this.#alive].map((box) => box.kill()));
    this.#server.close();
    await this.#server.ended;
    await this.#slots.close();
    await hideLaterMounts(this.#outputsDir);
  }

  /** Where the fork server has a folder of a slot. */
  #inside(path: string): string {
    const output = relative(this.#outputsDir, path);
    return output.startsWith('..') ? join(SLOTS, relative(this.#slotsDir, path)) : join(SIZED_OUTPUTS, output);
  }

  async #takeWaiting(limits: TierLimits): Promise<ForkBox> {
    const sealing = JSON.stringify(limits);
    for (;;) {
      const at = this.#waiting.findIndex((waiting) => waiting.sealing === sealing);
      if (at < 0) return this.#make(limits);
      const [waiting] = this.#waiting.splice(at, 1);
      const box = await waiting!.box.catch(() => undefined);
      if (box?.isAlive) return box;
      if (box) await this.dispose(box);
    }
  }

  #prepare(sealing: string, limits: TierLimits): void {
    const waiting: WaitingBox = { sealing, box: this.#make(limits) };
    this.#waiting.push(waiting);
    waiting.box.catch(() => this.#forget(waiting)); // the next job makes its own and tells why it cannot
  }

  async #make(limits: TierLimits): Promise<ForkBox> {
    await this.#places.enter();
    let slot: Slot | undefined;
    try {
      slot = await this.#slots.take(limits);
      const box = await ForkBox.make(this.#server, slot);
      this.#alive.add(box);
      return box;
    } catch (error) {
      if (slot && !this.#closed) await this.#slots.giveBack(slot);
      this.#places.leave();
      throw error;
    }
  }

  #evict(waiting: WaitingBox): void {
    this.#forget(waiting);
    waiting.box.then((box) => this.dispose(box)).catch(() => {}); // it never came up, or keeps its slot
  }

  #forget(waiting: WaitingBox): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

const run = promisify(execFile);
const SYSTEM = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Output folders are mounted while the fork server runs, and it sees only what comes to a shared mount. */
async function showLaterMounts(folder: string): Promise<void> {
  await run('mount', ['--bind', '--make-shared', folder, folder], { env: SYSTEM });
}

async function hideLaterMounts(folder: string): Promise<void> {
  await run('umount', [folder], { env: SYSTEM }).catch(() => run('umount', ['--lazy', folder], { env: SYSTEM }));
}

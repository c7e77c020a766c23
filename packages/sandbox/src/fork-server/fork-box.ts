/** A clone of the fork server: it waits in its namespaces, is told its package and its limits, then its one job. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HanabiError, RunnerFrame, type TierLimits } from '@hanabi/protocol';
import type { Box, BoxExit, BoxUsage } from '../box.ts';
import type { MountStep } from '../bubblewrap/mounts.ts';
import { resourceLimits } from '../bubblewrap/resource-limits.ts';
import { placeInputs, type Slot } from '../bubblewrap/slots.ts';
import { encodeJsonFrame, type Frame } from '../frames.ts';
import { LogTail } from '../log-tail.ts';
import { hiddenBytes } from '../output-folder/hidden-bytes.ts';
import { readFrames } from '../read-frames.ts';
import type { JobSpec } from '../sandbox.ts';
import { writeAll } from '../write-all.ts';
import type { BoxEnds, ForkServer } from './fork-server.ts';

const BOOT_TIMEOUT_MS = 15_000;
const DEATH_TIMEOUT_MS = 10_000;
/** A worker that has said its last word is about to end by itself; what it leaves behind is killed after this. */
const SETTLE_MS = 10;
/** The first process of the namespace. */
const PROCESSES_OF_BOX = 1;

export class ForkBox implements Box {
  readonly slot: Slot;
  readonly frames: AsyncGenerator<Frame, void, void>;
  readonly log: LogTail;
  readonly exited: Promise<BoxExit>;
  readonly output_dir: string;
  readonly output_is_sized: boolean;
  readonly #server: ForkServer;
  readonly #number: number;
  readonly #toRunner: Socket;
  readonly #fromRunner: Socket;
  #isRunning = true;
  #cpuMsBefore = 0;
  #oomKillsBefore = 0;
  #death: Promise<void> | undefined;
  /** Of the dead box: its cgroup may serve another one by then, or be gone. */
  #lastUsage: BoxUsage | undefined;

  private constructor(server: ForkServer, slot: Slot, number: number, ends: BoxEnds, exited: Promise<BoxExit>) {
    this.#server = server;
    this.#number = number;
    this.slot = slot;
    this.output_dir = slot.output.dir;
    this.output_is_sized = slot.output.sized;
    this.exited = exited;
    void exited.then(() => {
      this.#isRunning = false;
    });
    this.#toRunner = ends.toRunner;
    this.#fromRunner = ends.fromRunner;
    for (const stream of Object.values(ends)) (stream as Socket).on('error', () => {}); // shows as the end of frames
    this.log = new LogTail([ends.log]);
    this.frames = readFrames(ends.fromRunner);
  }

  /** Throws where the server cannot make one; nothing lives in the slot then. */
  static async make(server: ForkServer, slot: Slot): Promise<ForkBox> {
    const { number, ends, exited } = server.make(slot);
    try {
      return new ForkBox(server, slot, number, await ends, exited);
    } catch (error) {
      await exited;
      throw error;
    }
  }

  get isAlive(): boolean {
    return this.#isRunning;
  }

  /** Gives it its package and its limits. The job may follow at once: the runner reads it when it is up. */
  boot(mounts: readonly MountStep[], limits: TierLimits): void {
    const cgroup = this.slot.cgroup!;
    cgroup.limit(limits, PROCESSES_OF_BOX);
    cgroup.forgetPeak();
    this.#oomKillsBefore = cgroup.oomKills();
    // Most often the job is there in the same turn, and both go in one write.
    this.#toRunner.cork();
    setImmediate(() => this.#toRunner.uncork());
    this.#toRunner.write(encodeJsonFrame({ mounts, limits: resourceLimits(limits, 2 * limits.output_bytes_max) }));
  }

  async ready(): Promise<void> {
    const timer = setTimeout(() => void this.kill(), BOOT_TIMEOUT_MS);
    try {
      const { value: frame } = await this.frames.next();
      const message = frame?.kind === 'json' ? RunnerFrame.safeParse(frame.value).data : undefined;
      if (message?.kind === 'ready') return;
      await this.kill();
      throw new HanabiError('HANABI-W015', undefined, { cause: new Error(this.log.text().trim() || 'no answer') });
    } finally {
      clearTimeout(timer);
    }
  }

  placeInputs(inputs: JobSpec['inputs']): Promise<string[]> {
    return placeInputs(this.slot, inputs);
  }

  send(frame: Buffer): void {
    this.#cpuMsBefore = this.slot.cgroup!.cpuMs();
    this.#toRunner.write(frame);
    this.#toRunner.uncork();
  }

  async settle(): Promise<void> {
    await within(SETTLE_MS, this.exited);
  }

  answer(frames: Buffer[]): Promise<void> {
    return writeAll(this.#toRunner, frames);
  }

  hiddenOutputBytes(): number {
    return hiddenBytes(this.output_dir, this.slot.cgroup!.processIds());
  }

  usage(): BoxUsage {
    return this.#lastUsage ?? this.#currentUsage();
  }

  #currentUsage(): BoxUsage {
    const cgroup = this.slot.cgroup!;
    return {
      cpu_ms: cgroup.cpuMs() - this.#cpuMsBefore,
      memory_bytes_peak: cgroup.memoryPeakBytes(),
      oom_kills: cgroup.oomKills() - this.#oomKillsBefore,
    };
  }

  kill(): Promise<void> {
    if (!this.#death) {
      this.#death = this.#die();
      this.#death.catch(() => {}); // not everyone who kills waits; who does is told
    }
    return this.#death;
  }

  /** With its first process the kernel ends all that lives in the namespace, and lets nobody bury it before. */
  async #die(): Promise<void> {
    if (this.#isRunning) this.#server.kill(this.#number);
    if (!(await within(DEATH_TIMEOUT_MS, this.exited))) {
      throw new HanabiError('HANABI-W015', undefined, { cause: new Error('a box survives') });
    }
    await this.#seeItEmpty();
    await this.log.drained();
    this.#lastUsage = this.#currentUsage();
    this.#toRunner.destroy();
    this.#fromRunner.destroy();
  }

  /** The fork server is believed, and yet looked after: where it was killed itself, its clones end a moment later. */
  async #seeItEmpty(): Promise<void> {
    const deadline = performance.now() + DEATH_TIMEOUT_MS;
    for (;;) {
      if (this.slot.cgroup!.isEmpty()) return;
      const living = this.slot.cgroup!.processIds();
      if (living.length === 0) return;
      if (performance.now() > deadline) {
        throw new HanabiError('HANABI-W015', undefined, { cause: new Error(`processes survive: ${living.join()}`) });
      }
      await delay(1);
    }
  }
}

/** Whether it settled in that time. */
async function within(wait_ms: number, event: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, wait_ms, false);
  });
  const settled = await Promise.race([event.then(() => true), patience]);
  clearTimeout(timer);
  return settled;
}

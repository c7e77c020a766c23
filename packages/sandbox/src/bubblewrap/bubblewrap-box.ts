/** One bubblewrap process and what is in it: spawned empty, given its package, then its one job, then dead. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FRAME_FD_IN, FRAME_FD_OUT, HanabiError, RunnerFrame } from '@hanabi/protocol';
import type { Box, BoxExit, BoxUsage } from '../box.ts';
import type { Frame } from '../frames.ts';
import { LogTail } from '../log-tail.ts';
import { readFrames } from '../read-frames.ts';
import { hiddenBytes } from '../output-folder/hidden-bytes.ts';
import { writeAll } from '../write-all.ts';
import type { JobSpec } from '../sandbox.ts';
import { ARGUMENTS_FD, type CommandParts, lateArguments, launchCommand, SECCOMP_FD } from './command.ts';
import { placeInputs, type Slot } from './slots.ts';

const BOOT_TIMEOUT_MS = 15_000;
const DEATH_TIMEOUT_MS = 10_000;
const LINGERING_MS = 50;

export class BubblewrapBox implements Box {
  readonly slot: Slot;
  readonly frames: AsyncGenerator<Frame, void, void>;
  readonly log: LogTail;
  readonly exited: Promise<BoxExit>;
  readonly output_dir: string;
  readonly output_is_sized: boolean;
  readonly #child: ChildProcess;
  #isRunning = true;
  /** Without a cgroup: the first process of the namespace, as the host numbers it. Nothing in there survives it. */
  #init: number | undefined;
  #cpuMsBefore = 0;
  #oomKillsBefore = 0;
  #death: Promise<void> | undefined;
  /** Of the dead box: its cgroup may serve another one by then, or be gone. */
  #lastUsage: BoxUsage | undefined;

  constructor(slot: Slot, parts: Omit<CommandParts, 'uid' | 'join_files' | 'input_dir' | 'output_dir'>) {
    this.slot = slot;
    this.output_dir = slot.output.dir;
    this.output_is_sized = slot.output.sized;
    slot.cgroup?.limit(parts.limits);
    slot.cgroup?.forgetPeak();
    this.#oomKillsBefore = slot.cgroup?.oomKills() ?? 0;
    const { file, args } = launchCommand({
      ...parts,
      uid: slot.uid,
      join_files: slot.cgroup?.joinFiles ?? [],
      input_dir: slot.input_dir,
      output_dir: slot.output.dir,
    });
    const fds = Array.from({ length: ARGUMENTS_FD + 1 }, (_, fd) => fd);
    // Standard input is empty; the shell itself opens the seccomp program.
    const stdio = fds.map((fd) => (fd === 0 || fd === SECCOMP_FD ? 'ignore' : 'pipe'));
    this.#child = spawn(file, args, { env: {}, cwd: '/', stdio });
    this.exited = new Promise((resolve) => {
      const settle = (exit: BoxExit) => {
        this.#isRunning = false;
        resolve(exit);
      };
      this.#child.once('exit', (code, signal) => settle({ code, signal }));
      this.#child.once('error', () => settle({ code: 127, signal: null }));
    });
    for (const stream of this.#child.stdio) stream?.on('error', () => {}); // a dead end shows as the end of frames
    this.log = new LogTail([this.#child.stdout!, this.#child.stderr!]);
    this.frames = readFrames(this.#stream(FRAME_FD_OUT));
  }

  get isAlive(): boolean {
    return this.#isRunning;
  }

  /** Lets bubblewrap go on with this package. Settles when Python is up. */
  async boot(module_dir: string, layer_dir: string | undefined): Promise<void> {
    this.#stream(ARGUMENTS_FD).end(lateArguments(module_dir, layer_dir));
    const timer = setTimeout(() => void this.kill(), BOOT_TIMEOUT_MS);
    try {
      const { value: frame } = await this.frames.next();
      const message = frame?.kind === 'json' ? RunnerFrame.safeParse(frame.value).data : undefined;
      if (message?.kind === 'ready') return;
      await this.kill();
      await this.log.drained();
      throw new HanabiError('HANABI-W015', undefined, { cause: new Error(this.log.text().trim() || 'no answer') });
    } finally {
      clearTimeout(timer);
    }
  }

  placeInputs(inputs: JobSpec['inputs']): Promise<string[]> {
    return placeInputs(this.slot, inputs);
  }

  send(frame: Buffer): void {
    this.#cpuMsBefore = this.slot.cgroup?.cpuMs() ?? 0;
    this.#stream(FRAME_FD_IN).write(frame);
  }

  answer(frames: Buffer[]): Promise<void> {
    return writeAll(this.#stream(FRAME_FD_IN), frames);
  }

  hiddenOutputBytes(): number {
    return this.slot.cgroup ? hiddenBytes(this.output_dir, this.slot.cgroup.processIds()) : 0;
  }

  usage(): BoxUsage {
    return this.#lastUsage ?? this.#currentUsage();
  }

  #currentUsage(): BoxUsage {
    const { cgroup } = this.slot;
    if (!cgroup) return { cpu_ms: null, memory_bytes_peak: null, oom_kills: 0 };
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

  async #die(): Promise<void> {
    const deadline = performance.now() + DEATH_TIMEOUT_MS;
    // At first all but bubblewrap itself, which then collects its child and ends: killed with it, it would leave that
    // to the init of the machine, and a container may have none.
    let spared = this.#child.pid;
    for (;;) {
      const living = this.#livingProcesses();
      if (living.length === 0) break;
      const victims = living.filter((pid) => pid !== spared);
      for (const pid of victims.length > 0 ? victims : living) killQuietly(pid);
      if (performance.now() > deadline) {
        throw new HanabiError('HANABI-W015', undefined, { cause: new Error(`processes survive: ${living.join()}`) });
      }
      await (this.#isRunning ? Promise.race([delay(LINGERING_MS), this.exited]) : delay(1));
      spared = undefined;
    }
    // Every process of a box that is still booting holds its outputs open.
    await Promise.all([this.exited, this.log.drained()]);
    this.#lastUsage = this.#currentUsage();
    for (const stream of this.#child.stdio)
      if (stream !== this.#child.stdout && stream !== this.#child.stderr) stream?.destroy();
  }

  #livingProcesses(): number[] {
    // Until it has joined its cgroup, the first process is known by its number only.
    const first = this.#isRunning && this.#child.pid !== undefined ? [this.#child.pid] : [];
    const { cgroup } = this.slot;
    if (cgroup) return [...new Set([...first, ...cgroup.processIds()])];
    this.#init ??= childOf(this.#child.pid);
    return this.#init !== undefined && isAlive(this.#init) ? [...first, this.#init] : first;
  }

  #stream(fd: number): Socket {
    return this.#child.stdio[fd] as Socket;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

/** bubblewrap has no other child than the first process of the namespace. */
function childOf(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return children === '' ? undefined : Number.parseInt(children, 10);
  } catch {
    return undefined;
  }
}

/** A zombie is dead: its namespace has been emptied before. */
function isAlive(pid: number): boolean {
  try {
    const state = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

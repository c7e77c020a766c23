/** One container: created and started with its package, then given its one job, then dead, then removed. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HanabiError, RunnerFrame } from '@hanabi/protocol';
import type { Box, BoxExit, BoxUsage } from '../box.ts';
import { placeInputs, type Slot } from '../bubblewrap/slots.ts';
import type { Frame } from '../frames.ts';
import { LogTail } from '../log-tail.ts';
import { hiddenBytes } from '../output-folder/hidden-bytes.ts';
import { readFrames } from '../read-frames.ts';
import type { JobSpec } from '../sandbox.ts';
import { writeAll } from '../write-all.ts';
import { AttachedStream } from './attached-stream.ts';
import type { ContainerState, Engine } from './engine.ts';
import { EngineError } from './engine.ts';
import { EngineUsage } from './engine-usage.ts';
import { firstProcess } from './first-process.ts';
import { findHostProcesses, type HostProcesses } from './host-processes.ts';
import { isAlive, killQuietly } from './signals.ts';

const BOOT_TIMEOUT_MS = 30_000;
const DEATH_TIMEOUT_MS = 10_000;
/** How long the log of a dead worker may take to arrive. */
const LAST_WORDS_MS = 250;
/** How often it is looked whether the worker has closed its channel; it counts when it is seen twice. */
const CHANNEL_CHECK_MS = 250;
const REMOVAL_TRIES = 20;
const REMOVAL_PAUSE_MS = 250;

export class ContainerBox implements Box {
  readonly slot: Slot;
  readonly frames: AsyncGenerator<Frame, void, void>;
  readonly log: LogTail;
  readonly exited: Promise<BoxExit>;
  readonly output_dir: string;
  readonly output_is_sized: boolean;
  readonly #engine: Engine;
  readonly #id: string;
  readonly #channel: Socket;
  readonly #logSocket: Socket;
  readonly #frameStream: AttachedStream;
  readonly #logStream: AttachedStream;
  #processes: HostProcesses | undefined;
  /** Counts where the host cannot see the processes. */
  #asked: EngineUsage | undefined;
  #isRunning = true;
  /** The first process was there to tell of the end. */
  #noted = false;
  #cpuMsBefore = 0;
  #lastUsage: BoxUsage = { cpu_ms: null, memory_bytes_peak: null, oom_kills: 0 };
  #death: Promise<void> | undefined;
  /** Nothing is counted any more. */
  #isOver = false;

  /** Settles when Python is up. Leaves nothing behind when it throws. */
  static async boot(engine: Engine, slot: Slot, request: (command: string[]) => unknown): Promise<ContainerBox> {
    const mark = `\u001e${randomBytes(16).toString('hex')}`;
    const { Id } = await engine.ask<{ Id: string }>('POST', '/containers/create', request(firstProcess(mark)));
    let box: ContainerBox | undefined;
    try {
      const [channel, log] = await Promise.all([engine.attach(Id, ['stdin', 'stdout']), engine.attach(Id, ['stderr'])]);
      box = new ContainerBox(engine, slot, Id, { channel, log, mark: Buffer.from(mark) });
      await engine.ask('POST', `/containers/${Id}/start`);
      await box.#boot();
      return box;
    } catch (error) {
      await box?.kill();
      await removeContainer(engine, Id);
      throw error;
    }
  }

  private constructor(
    engine: Engine,
    slot: Slot,
    id: string,
    { channel, log, mark }: { channel: Socket; log: Socket; mark: Buffer },
  ) {
    this.slot = slot;
    this.output_dir = slot.output.dir;
    this.output_is_sized = slot.output.sized;
    this.#engine = engine;
    this.#id = id;
    this.#channel = channel;
    this.#logSocket = log;
    this.#frameStream = new AttachedStream(channel, mark);
    this.#logStream = new AttachedStream(log, mark);
    this.frames = readFrames(this.#frameStream);
    this.log = new LogTail([this.#logStream]);
    this.exited = Promise.race([this.#frameStream.noted, this.#logStream.noted]).then((status) => {
      this.#isRunning = false;
      this.#noted = status !== undefined;
      return { code: status ?? null, signal: status === undefined ? 'SIGKILL' : null };
    });
  }

  get isAlive(): boolean {
    return this.#isRunning && !this.#death;
  }

  placeInputs(inputs: JobSpec['inputs']): Promise<string[]> {
    return placeInputs(this.slot, inputs);
  }

  send(frame: Buffer): void {
    this.#cpuMsBefore = this.usage().cpu_ms ?? 0;
    this.#channel.write(frame);
    this.#watchChannel();
  }

  answer(frames: Buffer[]): Promise<void> {
    return writeAll(this.#channel, frames);
  }

  hiddenOutputBytes(): number {
    try {
      return this.#processes ? hiddenBytes(this.output_dir, this.#processes.ids()) : 0;
    } catch {
      return 0; // it has ended
    }
  }

  usage(): BoxUsage {
    if (this.#isOver) return this.#lastUsage;
    try {
      const total = this.#processes?.usage() ?? this.#asked?.latest;
      if (total) {
        const cpu_ms = total.cpu_ms === null ? null : Math.max(0, total.cpu_ms - this.#cpuMsBefore);
        this.#lastUsage = { ...total, cpu_ms };
      }
    } catch {
      // The container has ended, and its cgroup with it.
    }
    return this.#lastUsage;
  }

  kill(): Promise<void> {
    if (!this.#death) {
      this.#death = this.#die();
      this.#death.catch(() => {}); // not everyone who kills waits; who does is told
    }
    return this.#death;
  }

  #watchChannel(): void {
    let seenBefore = false;
    const timer = setInterval(() => {
      if (this.#death || !this.#isRunning) return clearInterval(timer);
      const isClosed = this.#processes?.hasClosedChannel() ?? false;
      if (isClosed && seenBefore) this.#frameStream.close();
      seenBefore = isClosed;
    }, CHANNEL_CHECK_MS).unref();
  }

  /** Once it is dead. What it had in its file system goes, too. */
  remove(): Promise<void> {
    return removeContainer(this.#engine, this.#id);
  }

  async #boot(): Promise<void> {
    const timer = setTimeout(() => void this.kill(), BOOT_TIMEOUT_MS);
    try {
      const [{ value: frame }, { State }] = await Promise.all([
        this.frames.next(),
        this.#engine.ask<ContainerState>('GET', `/containers/${this.#id}/json`),
      ]);
      const message = frame?.kind === 'json' ? RunnerFrame.safeParse(frame.value).data : undefined;
      if (message?.kind !== 'ready') {
        await this.kill();
        throw new HanabiError('HANABI-W015', undefined, { cause: new Error(this.log.text().trim() || 'no answer') });
      }
      this.#processes = findHostProcesses(this.#id, State.Pid);
      if (!this.#processes) this.#asked = new EngineUsage(this.#engine, this.#id);
    } finally {
      clearTimeout(timer);
    }
  }

  async #die(): Promise<void> {
    this.usage();
    const endedAlone = !this.#isRunning && !this.#noted;
    if (this.#processes && !endedAlone) await this.#killFromHost(this.#processes);
    else await this.#killByEngine();
    this.#isOver = true;
    this.#logStream.destroy();
    this.#channel.destroy();
    this.#logSocket.destroy();
  }

  /** The worker first: the shell that is left then closes the log, and the counters are read before they go. */
  async #killFromHost({ init, ids }: HostProcesses): Promise<void> {
    try {
      for (const pid of ids()) if (pid !== init) killQuietly(pid);
    } catch {
      // It has ended by itself.
    }
    if (isAlive(init)) {
      await within(LAST_WORDS_MS, this.log.drained());
      this.usage();
      killQuietly(init);
    }
    const deadline = performance.now() + DEATH_TIMEOUT_MS;
    while (isAlive(init)) {
      if (performance.now() > deadline) {
        throw new HanabiError('HANABI-W015', undefined, { cause: new Error(`process ${init} survives`) });
      }
      await delay(1);
    }
  }

  async #killByEngine(): Promise<void> {
    this.#asked?.stop();
    // Either the worker has ended, and its log is on its way, or what comes within a moment has to do.
    await within(LAST_WORDS_MS, this.log.drained());
    // An engine that has to deliver to us what nobody reads would wait with the killing.
    this.#logSocket.destroy();
    this.#channel.destroy();
    const path = `/containers/${this.#id}`;
    await this.#engine.ask('POST', `${path}/kill`).catch(unlessGone);
    await this.#engine.ask('POST', `${path}/wait?condition=not-running`).catch(unlessGone);
    const found = await this.#engine.ask<ContainerState>('GET', `${path}/json`).catch(unlessGone);
    if (found?.State.OOMKilled)
      this.#lastUsage = { ...this.#lastUsage, oom_kills: Math.max(1, this.#lastUsage.oom_kills) };
  }
}

/** A container that is just ending may not be removed for a moment. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await engine.ask('DELETE', `/containers/${id}?force=1&v=1`);
      return;
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return;
      if (tries === REMOVAL_TRIES) throw error;
      await delay(REMOVAL_PAUSE_MS);
    }
  }
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof EngineError) || (error.status !== 404 && error.status !== 409)) throw error;
}

async function within(limit_ms: number, work: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  await Promise.race([work, delay(limit_ms, undefined, { signal: stop.signal }).catch(() => {})]);
  stop.abort();
}

/** One job in one box: frames become events and outputs, and whatever goes wrong becomes one error. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CancelReason, FRAME_BODY_BYTES_MAX, HanabiError, LIMITS, RunnerFrame } from '@hanabi/protocol';
import type { Box, BoxExit } from './box.ts';
import { JobEgress } from './egress/job-egress.ts';
import { collectOutputs } from './collect-outputs.ts';
import { EventQueue } from './event-queue.ts';
import { encodeJsonFrame, type Frame, FrameError } from './frames.ts';
import { lastCharacters } from './log-tail.ts';
import { Outbox, OutputOrderError } from './outbox.ts';
import { OutputWatch } from './output-folder/watch-output.ts';
import type { JobOutput, JobResult, JobSpec } from './sandbox.ts';
import { endedWithoutResult, failureOf } from './verdict.ts';
import { watchLimits } from './watch-limits.ts';

/** A process that exits closes its channel a moment before its status is known. */
const EXIT_WAIT_MS = 500;

/** What somebody outside wants of a job. */
export interface Signals {
  /** Its end, at once. */
  signal: AbortSignal;
  /** Of an activity that it ends by itself, for the CancelReason that this is aborted with. */
  wish: AbortSignal | undefined;
}

export interface RunSettings extends Signals {
  /** Folder of this job's outputs, not there yet. */
  outbox_dir: string;
  /** Folders for sys.path inside the box. */
  libraries: string[];
}

/** A job under way. Its outputs are whoever's awaits `ended`. */
export interface JobInBox {
  events: EventQueue;
  /** Settles when every process of the job is dead, however many events nobody has pulled by then. On failure no outputs are left. */
  ended: Promise<JobResult>;
  /** Kills what still runs, and leaves no outputs. */
  cancel(): Promise<void>;
}

export async function startInBox(box: Box, spec: JobSpec, settings: RunSettings): Promise<JobInBox> {
  const job = new RunningJob(box, spec, settings);
  try {
    await job.start();
  } catch (error) {
    await job.stop();
    throw error;
  }
  const ended = endOf(job);
  // Whoever is interested learns of a failure by awaiting it, perhaps much later.
  ended.catch(() => {});
  const cancel = async () => {
    await job.stop();
    await ended.then(() => job.outbox.discard()).catch(() => {});
  };
  return { events: job.events, ended, cancel };
}

async function endOf(job: RunningJob): Promise<JobResult> {
  let succeeded = false;
  try {
    const result = await job.finish();
    succeeded = true;
    return result;
  } finally {
    await job.stop();
    if (!succeeded) await job.outbox.discard();
  }
}

class RunningJob {
  readonly events = new EventQueue();
  readonly outbox: Outbox;
  readonly #egress: JobEgress;
  readonly #box: Box;
  readonly #spec: JobSpec;
  readonly #settings: RunSettings;
  readonly #startedAt = performance.now();
  #outputs: JobOutput[] | undefined;
  /** The outputs are what lies in the output folder when everything is dead. */
  #collects = false;
  #leftOut: string[] = [];
  readonly #outputWatch: OutputWatch | undefined;
  /** The first thing that went wrong; what follows from it is not told. */
  #failure: HanabiError | undefined;
  #traceback = '';
  #seq = 0;
  #reading: Promise<void> = Promise.resolve();
  #stopWatching: () => void = () => {};

  constructor(box: Box, spec: JobSpec, settings: RunSettings) {
    this.#box = box;
    this.#spec = spec;
    this.#settings = settings;
    this.outbox = new Outbox(settings.outbox_dir, spec.limits);
    if (box.output_dir !== undefined) {
      const { output_dir: dir, output_is_sized: sized = false } = box;
      const hiddenBytes = () => box.hiddenOutputBytes?.() ?? 0;
      this.#outputWatch = new OutputWatch({ dir, sized, hiddenBytes }, spec.limits);
    }
    this.#egress = new JobEgress({
      policy: spec.network,
      answer: (frames) => box.answer(frames),
      record: (record) => void this.events.push({ kind: 'fetched', ...record }),
    });
  }

  async start(): Promise<void> {
    const { entry, options, activity } = this.#spec;
    const inputs = await this.#box.placeInputs(this.#spec.inputs);
    const { limits } = this.#spec;
    const broken = (error: HanabiError) => this.#fail(error);
    this.#stopWatching = watchLimits(this.#box, limits, this.#settings.signal, broken, this.#outputWatch);
    const kind = activity ? 'activity' : 'job';
    const frame = encodeJsonFrame({ kind, entry, inputs, options, libraries: this.#settings.libraries });
    if (frame.length > FRAME_BODY_BYTES_MAX)
      throw new HanabiError('HANABI-V002', 'the options of the job are too large');
    this.#box.send(frame);
    this.#passOn(this.#settings.wish);
    void this.events.push({ kind: 'started' });
    this.#reading = this.#read();
  }

  #passOn(wish: AbortSignal | undefined): void {
    const tell = () =>
      void this.#box.answer([encodeJsonFrame({ kind: 'cancel', reason: wish?.reason as CancelReason })]);
    if (wish?.aborted) tell();
    else wish?.addEventListener('abort', tell, { once: true });
  }

  /** Waits for the last frame, and makes an end of everything. */
  async finish(): Promise<JobResult> {
    await this.#reading;
    const exit =
      this.#failure || this.#outputs || this.#collects ? undefined : await exitWithin(this.#box, EXIT_WAIT_MS);
    const wall_ms = performance.now() - this.#startedAt;
    this.#stopWatching();
    if (!this.#failure) await this.#box.settle?.();
    await this.stop();
    // Some boxes learn only from their end whether memory ran out.
    const usage = { wall_ms, ...this.#box.usage() };
    // Whatever else a job reports after the kernel killed a part of it is a consequence.
    if (usage.oom_kills > 0 && this.#failure?.code !== 'HANABI-W016') this.#failure = new HanabiError('HANABI-W003');
    await this.#settleOutputs();
    const log = [this.#box.log.text(), ...this.#leftOut].filter(Boolean).join('\n');
    if (!this.#failure && this.#outputs) {
      const { cpu_ms, memory_bytes_peak } = usage;
      return { outputs: this.#outputs, log, usage: { wall_ms, cpu_ms, memory_bytes_peak } };
    }
    const failure = this.#failure ?? endedWithoutResult(exit, usage.cpu_ms, this.#spec.limits);
    const printed = this.#traceback && log && !log.endsWith('\n') ? `${log}\n` : log;
    const body = failure.toBody();
    body.log = lastCharacters(printed + this.#traceback, LIMITS.job_log_chars_max);
    body.jobId = this.#spec.id;
    const told = HanabiError.fromBody(body);
    told.cause = failure.cause;
    throw told;
  }

  /** Everything is dead by now. */
  async #settleOutputs(): Promise<void> {
    const { output_dir } = this.#box;
    if (this.#collects && !this.#failure && output_dir !== undefined) {
      const { outbox_dir, signal } = this.#settings;
      const sync = this.#box.output_is_sized === true && this.#outputWatch!.wasScarce;
      try {
        const order = { output_dir, outbox_dir, limits: this.#spec.limits, sync, signal };
        const { outputs, leftOut } = await collectOutputs(order);
        this.#outputs = outputs;
        this.#leftOut = leftOut;
      } catch (error) {
        this.#failure = asHanabiError(error);
      }
    } else if (!this.#outputs && (!this.#failure || this.#failure.code === 'HANABI-W008')) {
      // A full output folder shows as some error of the tool that met it.
      this.#failure = (await this.#outputWatch?.lastLook()) ?? this.#failure;
    }
  }

  async stop(): Promise<void> {
    this.#stopWatching();
    this.#egress.close();
    this.events.end();
    await this.#box.kill();
    await this.#reading;
    await this.#box.log.drained();
  }

  #fail(error: HanabiError): void {
    this.#failure ??= error;
    this.#stopWatching();
    this.#egress.close(); // what it was doing goes on record before the last event
    this.events.end();
    // The channel then ends, and with it the reading. finish() waits for the death itself.
    void this.#box.kill();
  }

  /** Never throws: what it meets is the failure of the job. */
  async #read(): Promise<void> {
    try {
      await this.#box.ready?.();
      let framesOfTurn = 0;
      for await (const frame of this.#box.frames) {
        // Progress, of which there may be any number, is not worth a promise each.
        const taken = this.#take(frame);
        if (taken !== false && (await taken)) break;
        framesOfTurn += 1;
        if (framesOfTurn < LIMITS.job_frames_per_turn_max) continue;
        // A chunk of the channel holds more than a thousand tiny frames; taking them never lets the event loop go on.
        await nextTurn();
        framesOfTurn = 0;
      }
    } catch (error) {
      this.#fail(asHanabiError(error));
    } finally {
      this.#egress.close();
      this.events.end();
    }
  }

  /** True after the last frame that counts. */
  #take(frame: Frame): false | Promise<boolean> {
    if (frame.kind === 'bytes') return this.#takeBytes(frame.bytes);
    if (this.#egress.awaitsBytes) throw new FrameError('a request that began before the last one was complete');
    const parsed = RunnerFrame.safeParse(frame.value);
    if (!parsed.success) throw new FrameError('a frame of unknown shape');
    const message = parsed.data;
    if (message.kind !== 'progress') return this.#takeMessage(message);
    this.events.setProgress({ kind: 'progress', ...shownProgress(message.pct, message.message) });
    return false;
  }

  async #takeBytes(bytes: Buffer): Promise<boolean> {
    await (this.#egress.awaitsBytes ? this.#egress.write(bytes) : this.outbox.write(bytes));
    return false;
  }

  async #takeMessage(message: Exclude<RunnerFrame, { kind: 'progress' }>): Promise<boolean> {
    switch (message.kind) {
      case 'output':
        this.#seq += 1;
        await this.events.push({ ...message, seq: this.#seq });
        return false;
      case 'fetch':
        await this.#egress.begin(message);
        return false;
      case 'file':
        await this.outbox.begin(message.name, message.size_bytes);
        return false;
      case 'collect':
        if (this.outbox.complete().length > 0) throw new OutputOrderError('files were sent and are to be collected');
        this.#collects = true;
        return true;
      case 'done':
        this.#outputs = this.outbox.complete();
        return true;
      case 'failed':
        this.#traceback = message.traceback;
        throw failureOf(message.reason, message.message);
      default:
        throw new FrameError('a second "ready"');
    }
  }
}

/** How the box ended, or undefined when it lives on although its channel is closed. */
async function exitWithin(box: Box, wait_ms: number): Promise<BoxExit | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, wait_ms, undefined);
  });
  const exit = await Promise.race([box.exited, patience]);
  clearTimeout(timer);
  return exit;
}

function shownProgress(pct: number, message: string): { pct: number; message: string } {
  const cut = message.slice(0, LIMITS.job_progress_message_chars_max).toWellFormed();
  return { pct: Math.min(100, Math.max(0, pct)), message: cut };
}

function asHanabiError(error: unknown): HanabiError {
  if (error instanceof HanabiError) return error;
  if (error instanceof FrameError || error instanceof OutputOrderError) {
    return new HanabiError('HANABI-W014', error.message);
  }
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return new HanabiError('HANABI-Q003');
  return new HanabiError('HANABI-V009', undefined, { cause: error });
}

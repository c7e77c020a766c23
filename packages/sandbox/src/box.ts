/** One booted sandbox that waits for its one job, whichever backend made it. The run loop needs no more of it. */
import type { Frame } from './frames.ts';
import type { LogTail } from './log-tail.ts';
import type { JobSpec } from './sandbox.ts';

export interface BoxExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface BoxUsage {
  cpu_ms: number | null;
  memory_bytes_peak: number | null;
  oom_kills: number;
}

export interface Box {
  /** What the runner says after its "ready"; ends when its channel is closed. Throws FrameError. */
  readonly frames: AsyncGenerator<Frame, void, void>;
  readonly log: LogTail;
  readonly exited: Promise<BoxExit>;
  /** Settles when the runner is up, where the box was handed out before; throws where it never comes up. */
  ready?(): Promise<void>;
  /** Puts the files where the worker finds them and tells under which names. */
  placeInputs(inputs: JobSpec['inputs']): Promise<string[]>;
  /** The job: usage counts from here. */
  send(frame: Buffer): void;
  /** Frames for a job that runs. Settles when the channel has taken them, or will take no more. */
  answer(frames: Buffer[]): Promise<void>;
  /** Host folder that the worker sees as /out. Below it everything is the worker's doing. */
  readonly output_dir?: string;
  /** It is a file system of its own that cannot hold more than the tier allows. */
  readonly output_is_sized?: boolean;
  /** Bytes below `output_dir` that no name leads to any more and that are still written to. */
  hiddenOutputBytes?(): number;
  /** Of the job alone: what booting took does not count. */
  usage(): BoxUsage;
  /** After its last frame: settles when it has ended by itself, or has had the time to. */
  settle?(): Promise<void>;
  /** Settles when every process in it is dead. */
  kill(): Promise<void>;
}

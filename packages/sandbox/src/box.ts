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
  /** Puts the files where the worker finds them and tells under which names. */
  placeInputs(inputs: JobSpec['inputs']): Promise<string[]>;
  send(frame: Buffer): void;
  /** Of the job alone: what booting took does not count. */
  usage(): BoxUsage;
  /** Settles when every process in it is dead. */
  kill(): Promise<void>;
}

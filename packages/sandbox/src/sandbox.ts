/** What the server and the command line see of a sandbox, whichever backend is behind it. */
import type { TierLimits } from '@hanabi/protocol';

export interface SandboxStatus {
  backend: 'disabled' | 'bubblewrap';
  ready: boolean;
  /** One line: what it is, or what to install or enable. */
  note: string;
  /** Soft: memory, processes and processor time are bounded for each process, not for the job as a whole. */
  limits: 'hard' | 'soft';
}

export interface JobSpec {
  /** Unique among running jobs; names the folder of the outputs, so letters, digits, "_" and "-" only. */
  id: string;
  /** Host folder of the module's package; the worker sees it read-only. */
  module_dir: string;
  /** Path of the worker file below `module_dir`. */
  entry: string;
  /** Host files. Two of the same name are both kept, the second under a numbered name. */
  inputs: { name: string; path: string }[];
  options: Record<string, unknown>;
  limits: TierLimits;
  /** The worker declares Python libraries: the machine's own become importable. */
  libraries: boolean;
}

export type JobEvent =
  | { kind: 'started' }
  | { kind: 'progress'; pct: number; message: string }
  | { kind: 'output'; seq: number; chunk: string; encoding: 'text' | 'base64' };

export interface JobOutput {
  /** A bare and safe leaf name, unique within the job. */
  name: string;
  /** Host file on the file system of `work_dir`, written but not synced. */
  path: string;
  size_bytes: number;
  sha256: string;
}

export interface JobResult {
  /** They lie in `work_dir/outbox/<job id>/` until the consumer, who takes them by rename, removes that folder. */
  outputs: JobOutput[];
  /** The end of what the worker printed. */
  log: string;
  usage: { wall_ms: number; cpu_ms: number | null; memory_bytes_peak: number | null };
}

export interface Sandbox {
  status(): Promise<SandboxStatus>;
  /**
   * Yields what happens and returns the outputs, or throws a HanabiError with the log of the worker. When it has
   * ended, by return, throw, abort or because the consumer stopped pulling it, every process of the job is dead.
   */
  runJob(spec: JobSpec, signal: AbortSignal): AsyncGenerator<JobEvent, JobResult, void>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  backend: SandboxStatus['backend'];
  /** Private to this sandbox. Outputs come to lie in it, so it belongs on the file system of whoever takes them. */
  work_dir: string;
  jobs_max: number;
}

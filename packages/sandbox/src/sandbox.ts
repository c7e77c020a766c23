/** What the server and the command line see of a sandbox, whichever backend is behind it. */
import type { TierLimits } from '@hanabi/protocol';
import type { Share } from './admission.ts';
import type { ContainerSettings } from './container/settings.ts';
import type { FetchRecord } from './egress/record.ts';
import type { NetworkPolicy } from './egress/policy.ts';
import type { ServiceSession, ServiceSpec } from './service/service.ts';

export interface SandboxStatus {
  backend: 'disabled' | 'bubblewrap' | 'container';
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
  /** `entry` defines workflows, and this is one attempt of an activity: its task stands in the options. */
  activity?: boolean;
  limits: TierLimits;
  /** All of the machine's own Python libraries become importable: for workers of the house. */
  libraries: boolean;
  /** Host folder of a layer (libraries/): what the module declares. The worker sees it read-only and imports from it. */
  layer_dir?: string | undefined;
  /** worker.native is granted: the media tools are on PATH. Without it they cannot be run. */
  native?: boolean | undefined;
  /** What ctx.fetch reaches; undefined: the network is not approved. */
  network?: NetworkPolicy | undefined;
  /** Whose job it is; without it, it is the host's own. */
  share?: Share;
  /** It waits for a place however long that takes. Without this it ends with HANABI-W011 after a while. */
  patient?: boolean;
}

export type JobEvent =
  /** It waits for a place; 1 is the next to get one. */
  | { kind: 'queued'; position: number }
  /** It has a place. Nothing of it runs until the consumer pulls on, who may have to write it down first. */
  | { kind: 'admitted' }
  | { kind: 'started' }
  | { kind: 'progress'; pct: number; message: string }
  | { kind: 'output'; seq: number; chunk: string; encoding: 'text' | 'base64' }
  | ({ kind: 'fetched' } & FetchRecord);

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
   * Its place is free as soon as they are, whether or not the consumer has pulled all events by then.
   * `wish`, of an activity, asks its code to end by itself, for the CancelReason that it is aborted with.
   */
  runJob(spec: JobSpec, signal: AbortSignal, wish?: AbortSignal): AsyncGenerator<JobEvent, JobResult, void>;
  /**
   * A box of its own for a program that lives long. It takes no place of a job; HANABI-Q014 where there are too many of
   * them. The signal ends it, as closing the session does.
   */
  openService(spec: ServiceSpec, signal: AbortSignal): Promise<ServiceSession>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  backend: SandboxStatus['backend'];
  /** Private to this sandbox. Outputs come to lie in it, so it belongs on the file system of whoever takes them. */
  work_dir: string;
  jobs_max: number;
  /** Root tree that jobs with the media tools see in place of the host's own; undefined: the host's. */
  native_root?: string | undefined;
  /** False: a bubblewrap for each job, as it is anyway where fork servers cannot run. */
  fork_server?: boolean;
  /** Where the container engine is and what it is to run; for that backend only. */
  container?: ContainerSettings | undefined;
}

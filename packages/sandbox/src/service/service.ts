/** A program that lives long, as the server sees it: it is loaded, called, asks on the way, and ends with its session. */
import type { ErrorCode, ServiceFunction, TierLimits } from '@hanabi/protocol';

export interface ServiceSpec {
  /** "workflow": it executes durable workflows, in all of Python, and asks for nothing but them. A service when left out. */
  profile?: 'service' | 'workflow';
  /** Unique among those that run. */
  id: string;
  /** Host folder of the module's package; the program sees it read-only. */
  module_dir: string;
  /** Path of the program below `module_dir`. */
  entry: string;
  /** Of these, the times do not count: a service has none but that of a tick, which whoever calls it keeps. */
  limits: TierLimits;
  /** Host folder of the declared libraries: numpy and pandas are importable where it holds them. */
  layer_dir?: string | undefined;
}

export interface ServiceUsage {
  /** Since it was loaded. Null where nobody counts. */
  cpu_ms: number | null;
  memory_bytes_peak: number | null;
}

export type ServiceEvent =
  | { kind: 'loaded'; functions: ServiceFunction[] }
  /** To be answered under its id before anything else happens. The method may be any word, the parameters any JSON. */
  | { kind: 'ask'; id: number; method: string; params: unknown }
  | { kind: 'returned'; id: number; usage: ServiceUsage }
  | { kind: 'raised'; id: number; message: string; traceback: string; usage: ServiceUsage };

/** What came of a question: a value, or what the program gets instead of it. */
export type Told = { value: unknown } | { error: string; code: ErrorCode };

export type ServiceOrder =
  | { kind: 'call'; id: number; name: ServiceFunction }
  | { kind: 'answer'; id: number; told: Told };

export interface ServiceSession {
  /** Ends when the session was closed; throws a HanabiError when the program failed to load or died by itself. */
  readonly events: AsyncGenerator<ServiceEvent, void, void>;
  send(order: ServiceOrder): void;
  /** Settles when every process of it is dead. */
  close(): Promise<void>;
}

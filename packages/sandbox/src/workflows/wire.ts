/**
 * What goes between the host and the process that runs a workflow's code: activations with jobs in, completions with
 * commands out. The names and shapes are those of Temporal's core, as protobuf's JavaScript objects have them.
 */
import { LIMITS } from '@hanabi/protocol';

/** Seconds and nanoseconds: a duration, or a time since 1970. */
export interface WireTime {
  readonly seconds?: number;
  readonly nanos?: number;
}

/** A value of the author's, which the host does not look into. */
export type Payload = Readonly<Record<string, unknown>>;

export interface Failure {
  readonly message?: string;
  readonly source?: string;
  readonly stackTrace?: string;
  readonly cause?: Failure;
  readonly applicationFailureInfo?: {
    readonly type?: string;
    readonly nonRetryable?: boolean;
    readonly nextRetryDelay?: WireTime;
  };
  readonly [info: string]: unknown;
}

export interface RetryPolicy {
  readonly initialInterval?: WireTime;
  readonly backoffCoefficient?: number;
  readonly maximumInterval?: WireTime;
  /** 0 is without end. */
  readonly maximumAttempts?: number;
  readonly nonRetryableErrorTypes?: readonly string[];
}

/** Fields of an event, a job or a command. Which there are depends on its kind. */
// eslint-disable-next-line typescript/no-explicit-any
export type Fields = Readonly<Record<string, any>>;

/** `{ fireTimer: { seq } }`: one key that says what it is. */
export type Job = Readonly<Record<string, Fields>>;

/** The same, perhaps with `userMetadata` beside it. */
export type WorkflowCommand = Readonly<Record<string, Fields>>;

export interface Activation {
  readonly runId: string;
  readonly timestamp: WireTime;
  readonly isReplaying: boolean;
  readonly historyLength: number;
  readonly historySizeBytes?: number;
  readonly continueAsNewSuggested?: boolean;
  readonly jobs: readonly Job[];
  /** Whether the completion is to say where in the author's files the code is. That costs time, so it is not for runs that live. */
  readonly isTraced?: boolean;
}

export interface Completion {
  readonly runId: string;
  readonly successful?: { readonly commands: readonly WorkflowCommand[] };
  readonly failed?: { readonly failure: Failure };
  readonly trace?: Trace;
}

/** A line of the author's code. As the process says it, and nobody else has looked at it. */
export interface Place {
  /** Below the module's folder. */
  readonly path: string;
  readonly line: number;
  readonly function: string;
}

/** Stacks begin with the innermost line. */
export interface Trace {
  /** For each command, who made it. */
  readonly made: readonly (readonly Place[])[];
  /** The last line that was executed. */
  readonly last: Place | null;
  readonly waits: readonly { readonly task: string; readonly stack: readonly Place[] }[];
}

export interface HistoryEvent {
  /** 1 for the first, without gaps. */
  readonly eventId: number;
  readonly eventTime_ms: number;
  /** As Temporal calls it, such as TIMER_STARTED. */
  readonly eventType: string;
  readonly attributes: Fields;
}

export interface NewEvent {
  readonly eventType: string;
  readonly attributes: Fields;
}

export function milliseconds(time: WireTime | undefined): number | undefined {
  if (time === undefined) return undefined;
  return Math.min((time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6, LIMITS.workflow_wait_ms_max);
}

export function wireTime(time_ms: number): WireTime {
  const seconds = Math.floor(time_ms / 1000);
  return { seconds, nanos: Math.round((time_ms - seconds * 1000) * 1e6) };
}

/** The kind of a job or command, with its fields. */
export function kindOf(tagged: Job | WorkflowCommand): readonly [string, Fields] {
  const found = Object.entries(tagged).find(([kind]) => kind !== 'userMetadata');
  if (!found) throw new TypeError('a command without a kind');
  return found;
}

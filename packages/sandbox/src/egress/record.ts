import type { ErrorCode } from '@hanabi/protocol';

/** What the audit keeps of one ctx.fetch: what was asked for and what came of it. */
export interface FetchRecord {
  method: string;
  /** '' when the address could not be read. */
  origin: string;
  /** Without query and fragment, which carry keys; cut off where it is very long. */
  path: string;
  /** Of the answer that the worker got; null: it got none. */
  status: number | null;
  /** Why it got none. */
  code: ErrorCode | null;
  /** Bytes of bodies, as they travelled. */
  sent_bytes: number;
  received_bytes: number;
  /** Requests that were made for it: more than one when a redirect was followed, none when it was refused. */
  requests: number;
  wall_ms: number;
}

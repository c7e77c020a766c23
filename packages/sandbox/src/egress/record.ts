import type { ErrorCode } from '@hanabi/protocol';
import type { FetchLimits } from './fetch-limits.ts';
import { readUrl } from './policy.ts';
import { METHODS } from './request.ts';

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

/** Names what was asked for also where it is refused before anybody looks at the address. */
export function newRecord({ method, url }: { method: string; url: string }, limits: FetchLimits): FetchRecord {
  const asked = readUrl(url);
  return {
    // Anything else is refused, and is not to fill the audit with whatever a worker writes there.
    method: METHODS.includes(method) ? method : '?',
    origin: asked?.origin ?? '',
    path: asked?.pathname.slice(0, limits.fetch_audit_path_chars_max) ?? '',
    status: null,
    code: null,
    sent_bytes: 0,
    received_bytes: 0,
    requests: 0,
    wall_ms: 0,
  };
}

/**
 * The live channel: one WebSocket of each open desktop, at `DESKTOP_PATHS.live`. It carries the same capability calls as
 * HTTP, with the same checks, and what the server tells by itself. A browser sends cookies with the handshake of any
 * page but lets no page set a header there, so the CSRF token comes as a subprotocol beside the name of the channel.
 */
import type { ServerCapability } from './capabilities/index.ts';
import type { ErrorBody } from './errors.ts';
import type { HanabiEvent } from './events.ts';
import type { LiveEvent } from './live-events.ts';

export const LIVE_PROTOCOL = 'hanabi.live.1';
/** Followed by the CSRF token of the session. */
export const LIVE_TOKEN_PREFIX = 'hanabi.csrf.';

/** Server → desktop, as JSON text. With `bytes` the next message is binary: the content that belongs to the reply. */
export type LiveMessage =
  | { op: 'event'; id: number; event: HanabiEvent }
  | { op: 'reply'; id: number; ok: true; data: unknown; bytes?: true }
  | { op: 'reply'; id: number; ok: false; error: ErrorBody }
  /** Nothing was done, because the answer is too large for the channel: ask over HTTP. */
  | { op: 'elsewhere'; id: number }
  | { op: 'live'; event: LiveEvent }
  | { op: 'beat' };

/** Codes with which the server closes the channel, beside those of the WebSocket protocol. */
export const LIVE_CLOSED = {
  /** What came is no message of this channel. */
  malformed: 4400,
  session_ended: 4401,
  /** Nothing was heard for too long. */
  silent: 4408,
} as const;

/** Calls that do no more when they are made twice; so they may be made again when the channel broke before the answer. */
export const REPEATABLE_CALLS: ReadonlySet<string> = new Set<ServerCapability>([
  'HANABI_PICK_FILE',
  'HANABI_READ_FILE',
  'HANABI_OPEN_MEDIA',
  'HANABI_FS_LIST',
  'HANABI_FS_STAT',
  'HANABI_STORAGE_USAGE',
  'HANABI_GET_SETTING',
  'HANABI_SET_SETTING',
  'HANABI_DATA_LIST_COLLECTIONS',
  'HANABI_DATA_LIST',
  'HANABI_DATA_GET',
  'HANABI_DATA_QUERY',
  'HANABI_LIST_MODULES',
  'HANABI_LIST_JOBS',
  'HANABI_GET_JOB',
  'HANABI_SCHEDULE_LIST',
]);

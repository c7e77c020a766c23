/** The shape of every message between a module and its host. */
import type { ErrorBody } from './errors.ts';
import { HanabiError } from './errors.ts';
import { LIMITS } from './limits.ts';

export const PROTOCOL_VERSION = 1;

/** Module → host: `{ v, type, rid, …payload }`. */
export interface RequestEnvelope {
  v: number;
  type: string;
  rid: string;
  payload: Record<string, unknown>;
}

export interface ReplyOk {
  v: typeof PROTOCOL_VERSION;
  type: string;
  rid: string | null;
  ok: true;
  data: unknown;
}

export interface ReplyError {
  v: typeof PROTOCOL_VERSION;
  type: string;
  rid: string | null;
  ok: false;
  error: ErrorBody;
}

export type Reply = ReplyOk | ReplyError;

const ENVELOPE_FIELDS = new Set(['v', 'type', 'rid']);

/**
 * Takes a message apart without trusting it: known fields are copied into a fresh object that inherits nothing, so
 * that an own "__proto__" or a getter in the message reaches nobody.
 * Throws HANABI-V001 (malformed) or HANABI-V004 (version).
 */
export function parseEnvelope(message: unknown): RequestEnvelope {
  try {
    return takeApart(message);
  } catch (error) {
    if (error instanceof HanabiError) throw error;
    throw new HanabiError('HANABI-V001', 'the message cannot be read');
  }
}

function takeApart(message: unknown): RequestEnvelope {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new HanabiError('HANABI-V001', 'a message is an object');
  }
  const fields = message as Record<string, unknown>;
  const { v, type, rid } = fields;
  if (typeof type !== 'string' || type.length === 0 || type.length > 64) {
    throw new HanabiError('HANABI-V001', '"type" is a string of 1 to 64 characters');
  }
  if (typeof rid !== 'string' || rid.length === 0 || rid.length > LIMITS.rid_chars_max) {
    throw new HanabiError('HANABI-V001', `"rid" is a string of 1 to ${LIMITS.rid_chars_max} characters`);
  }
  if (v !== PROTOCOL_VERSION) {
    throw typeof v === 'number'
      ? new HanabiError('HANABI-V004', `version ${v}; this host speaks ${PROTOCOL_VERSION}`)
      : new HanabiError('HANABI-V001', '"v" is a number');
  }
  const payload: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(fields)) {
    if (!ENVELOPE_FIELDS.has(key)) payload[key] = fields[key];
  }
  return { v, type, rid, payload };
}

/** The type and rid of a message that may be anything, for a reply that names what it answers where it can. */
export function replyAddress(message: unknown): { type: string; rid: string | null } {
  const type = textField(message, 'type', 64) ?? 'HANABI_UNKNOWN';
  return { type: `${type}_RESULT`, rid: textField(message, 'rid', LIMITS.rid_chars_max) };
}

function textField(message: unknown, name: string, charsMax: number): string | null {
  try {
    const value: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, name) : undefined;
    return typeof value === 'string' && value.length <= charsMax ? value : null;
  } catch {
    return null;
  }
}

/** JSON of callers as payloads of the wire, and back: as Temporal's converters have them. */
import type { Payload } from './wire.ts';

export function payloadOf(value: unknown): Payload {
  if (value === undefined || value === null) return { metadata: { encoding: encode('binary/null') } };
  return { metadata: { encoding: encode('json/plain') }, data: encode(JSON.stringify(value)) };
}

/** Bytes come as base64 text; undefined, what is of an unknown encoding and what cannot be read as null. */
export function valueOf(payload: Payload | undefined): unknown {
  const { metadata, data } = (payload ?? {}) as { metadata?: { encoding?: string }; data?: string };
  const encoding = decode(metadata?.encoding ?? '');
  if (encoding === 'json/plain' || encoding === 'json/protobuf') return parsed(decode(data ?? ''));
  return encoding === 'binary/plain' ? (data ?? '') : null;
}

/** Python writes numbers that JSON does not have. */
const TEXTS_AND_NUMBERS = /"(?:[^"\\]+|\\.)*"|-?Infinity|NaN/g;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parsedOrNull(text.replace(TEXTS_AND_NUMBERS, (found) => (found.startsWith('"') ? found : 'null')));
  }
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

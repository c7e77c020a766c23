/** JSON of callers as payloads of the wire, and back: as Temporal's converters have them. */
import type { Payload } from './wire.ts';

export function payloadOf(value: unknown): Payload {
  if (value === undefined || value === null) return { metadata: { encoding: encode('binary/null') } };
  return { metadata: { encoding: encode('json/plain') }, data: encode(JSON.stringify(value)) };
}

/** Bytes come as base64 text; undefined and what is of an unknown encoding as null. */
export function valueOf(payload: Payload | undefined): unknown {
  const { metadata, data } = (payload ?? {}) as { metadata?: { encoding?: string }; data?: string };
  const encoding = decode(metadata?.encoding ?? '');
  if (encoding === 'json/plain' || encoding === 'json/protobuf') return JSON.parse(decode(data ?? '')) as unknown;
  return encoding === 'binary/plain' ? (data ?? '') : null;
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** The body of an answer as bytes, decompressed, with every size on the way bounded. */
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HanabiError } from '@hanabi/protocol';
import type { FetchLimits } from './fetch-limits.ts';

/** One coding; several on top of each other are left to the worker, as they came. */
const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

export interface Answer {
  status: number;
  /** By lower-case name; what stood more than once is joined with ", ". */
  headers: Record<string, string>;
  body: Buffer;
}

/** `received` is told of every piece as it comes from the network, and may throw. */
export async function readAnswer(
  answer: IncomingMessage,
  method: string,
  limits: FetchLimits,
  received: (bytes: number) => void,
): Promise<Answer> {
  const status = answer.statusCode!;
  const headers = joinedHeaders(answer.rawHeaders);
  const isEmpty = method === 'HEAD' || status === 204 || status === 304;
  const max = limits.fetch_response_bytes_max;
  const tooLarge = () => new HanabiError('HANABI-N005', `more than ${max} bytes in the answer`);
  try {
    if (!isEmpty && Number(headers['content-length']) > max) throw tooLarge();
    const decoder = isEmpty ? undefined : decoderOf(headers);
    const chunks: Buffer[] = [];
    let size_bytes = 0;
    for await (const chunk of decoded(answer, decoder, received)) {
      size_bytes += chunk.length;
      if (size_bytes > max) throw tooLarge();
      chunks.push(chunk);
    }
    return { status, headers, body: Buffer.concat(chunks, size_bytes) };
  } finally {
    answer.destroy();
  }
}

/** What is decoded here is no longer what these two headers say. */
function decoderOf(headers: Record<string, string>): Transform | undefined {
  const coding = headers['content-encoding']?.trim().toLowerCase();
  if (coding === undefined || !Object.hasOwn(DECODERS, coding)) return undefined;
  delete headers['content-encoding'];
  delete headers['content-length'];
  return DECODERS[coding]!();
}

function decoded(
  answer: IncomingMessage,
  decoder: Transform | undefined,
  received: (bytes: number) => void,
): AsyncIterable<Buffer> {
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      received(chunk.length);
      yield chunk;
    }
  };
  if (!decoder) return counted(answer as AsyncIterable<Buffer>);
  // Errors arrive where the decoder is read.
  return pipeline(answer as Readable, counted, decoder, () => {}) as AsyncIterable<Buffer>;
}

function joinedHeaders(raw: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const before = joined.get(name);
    joined.set(name, before === undefined ? raw[at + 1]! : `${before}, ${raw[at + 1]}`);
  }
  // A server may call a header "__proto__": fromEntries makes it a plain one.
  return Object.fromEntries(joined);
}

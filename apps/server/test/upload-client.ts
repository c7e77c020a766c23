/** The tus protocol by hand, so that a test can stop wherever it likes. */
import { createCipheriv, createHash } from 'node:crypto';
import { request } from 'node:http';
import type { Writable } from 'node:stream';
import { CSRF_HEADER, DESKTOP_PATHS } from '@hanabi/protocol';
import type { Desktop } from './harness/desktop.ts';

const TUS = { 'tus-resumable': '1.0.0' };
const OCTETS = { 'content-type': 'application/offset+octet-stream' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

export interface Announced {
  name: string;
  size: number;
  folderId?: string;
  /** Sent along with the announcement. */
  bytes?: Uint8Array;
}

export async function announce(desktop: Desktop, { name, size, folderId, bytes }: Announced): Promise<Response> {
  const metadata = `folder_id ${base64(folderId ?? desktop.session.root_folder_id)},filename ${base64(name)}`;
  const headers: Record<string, string> = { 'upload-length': String(size), 'upload-metadata': metadata };
  return send(desktop, 'POST', DESKTOP_PATHS.uploads, bytes ? { ...headers, ...OCTETS } : headers, bytes);
}

/** Where the upload lies, after an announcement that was accepted. */
export async function begin(desktop: Desktop, what: Announced): Promise<string> {
  const response = await announce(desktop, what);
  if (response.status !== 201) throw new Error(await response.text());
  return response.headers.get('location')!;
}

export function patch(desktop: Desktop, url: string, offset: number, bytes: Uint8Array): Promise<Response> {
  return send(desktop, 'PATCH', url, { 'upload-offset': String(offset), ...OCTETS }, bytes);
}

export function head(desktop: Desktop, url: string): Promise<Response> {
  return send(desktop, 'HEAD', url);
}

export async function offsetOf(desktop: Desktop, url: string): Promise<number> {
  const response = await head(desktop, url);
  if (response.status !== 200) throw new Error(`HEAD ${url}: ${response.status}`);
  return Number(response.headers.get('upload-offset'));
}

export function send(
  desktop: Desktop,
  method: string,
  url: string,
  headers: Record<string, string> = {},
  bytes?: Uint8Array,
): Promise<Response> {
  const all = { cookie: desktop.cookie, [CSRF_HEADER]: desktop.csrf, ...TUS, ...headers };
  const body = bytes === undefined ? {} : { body: new Uint8Array(bytes) };
  return fetch(desktop.url + url, { method, headers: all, ...body });
}

/**
 * Sends chunks as one request that may break off. Tells the answer, or that there was none. `sent` hears how many bytes
 * have been handed over.
 */
export function patchStream(
  desktop: Desktop,
  url: string,
  {
    offset,
    length,
    chunks,
    sent,
  }: { offset: number; length: number; chunks: Iterable<Buffer>; sent?: (n: number) => void },
): Promise<{ status: number; headers: Record<string, unknown> } | 'broken'> {
  const headers = {
    cookie: desktop.cookie,
    [CSRF_HEADER]: desktop.csrf,
    ...TUS,
    ...OCTETS,
    'upload-offset': offset,
    'content-length': length,
  };
  return new Promise((resolve) => {
    const sending = request(desktop.url + url, { method: 'PATCH', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers }));
    });
    sending.on('error', () => resolve('broken'));
    const pump = async () => {
      let handed = 0;
      for (const chunk of chunks) {
        if (sending.destroyed) return;
        handed += chunk.byteLength;
        if (!sending.write(chunk)) await drained(sending);
        sent?.(handed);
      }
      sending.end();
    };
    void pump();
  });
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

const BLOCK = 16;

/** Bytes that look random, the same at each offset each time, made while they are read. */
export class Noise {
  readonly size: number;
  private readonly key: Buffer;

  constructor(size: number, seed: string) {
    this.size = size;
    this.key = createHash('sha256').update(seed).digest();
  }

  *chunks(from: number, to = this.size, chunkBytes = 4 * 1024 * 1024): Generator<Buffer, void, void> {
    const zeros = Buffer.alloc(chunkBytes);
    for (let at = from; at < to; at += chunkBytes) yield this.bytes(at, Math.min(to, at + chunkBytes), zeros);
  }

  bytes(from: number, to: number, zeros = Buffer.alloc(to - from)): Buffer {
    const skipped = from % BLOCK;
    const counter = Buffer.alloc(BLOCK);
    counter.writeBigUInt64BE(BigInt((from - skipped) / BLOCK), 8);
    const stream = createCipheriv('aes-256-ctr', this.key, counter);
    stream.update(zeros.subarray(0, skipped));
    return stream.update(zeros.subarray(0, to - from));
  }

  sha256(): string {
    const hash = createHash('sha256');
    for (const chunk of this.chunks(0)) hash.update(chunk);
    return hash.digest('hex');
  }
}

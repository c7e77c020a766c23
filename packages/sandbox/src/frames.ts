/** The frame codec of the worker channel; the supervisor's socket speaks it too, with a larger bound. */
import { isAscii } from 'node:buffer';
import { FRAME_HEADER_BYTES, FRAME_KIND_BYTES, FRAME_KIND_JSON, KIB } from '@hanabi/protocol';

export type Frame = { kind: 'json'; value: unknown } | { kind: 'bytes'; bytes: Buffer };

const SMALL_CHUNK_BYTES = 16 * KIB;

/** The bytes are not frames. */
export class FrameError extends Error {}

export function encodeJsonFrame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32BE(body.length, 0);
  header.writeUInt8(FRAME_KIND_JSON, 4);
  return Buffer.concat([header, body]);
}

/** Header and body apart, so that nothing is copied. */
export function encodeBytesFrame(body: Buffer): [Buffer, Buffer] {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header.writeUInt32BE(body.length, 0);
  header.writeUInt8(FRAME_KIND_BYTES, 4);
  return [header, body];
}

/** Cuts a stream of chunks into frames. Holds at most one incomplete frame, never more than `bodyBytesMax` of it. */
export class FrameDecoder {
  readonly #bodyBytesMax: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes that have to be there before looking again. */
  #wanted = FRAME_HEADER_BYTES;

  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** True when the stream may end here. */
  get atBoundary(): boolean {
    return this.#held === 0;
  }

  *push(chunk: Buffer): Generator<Frame, void, void> {
    this.#keep(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return;
    let rest = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    try {
      for (;;) {
        this.#wanted = this.#bytesOfFirst(rest);
        if (rest.length < this.#wanted) break;
        const kind = rest.readUInt8(4);
        const body = rest.subarray(FRAME_HEADER_BYTES, this.#wanted);
        rest = rest.subarray(this.#wanted);
        yield kind === FRAME_KIND_JSON ? { kind: 'json', value: parseJson(body) } : { kind: 'bytes', bytes: body };
      }
    } finally {
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#held = rest.length;
    }
  }

  /** A chunk of one byte takes some hundred, and who writes decides how long they are: small neighbours become one. */
  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    for (;;) {
      const [before, last] = [this.#chunks.at(-2), this.#chunks.at(-1)!];
      if (!before || before.length > last.length || last.length > SMALL_CHUNK_BYTES) return;
      this.#chunks.splice(-2, 2, Buffer.concat([before, last]));
    }
  }

  #bytesOfFirst(bytes: Buffer): number {
    if (bytes.length < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
    const length = bytes.readUInt32BE(0);
    const kind = bytes.readUInt8(4);
    if (kind !== FRAME_KIND_JSON && kind !== FRAME_KIND_BYTES) throw new FrameError(`a frame of kind ${kind}`);
    if (length > this.#bodyBytesMax) {
      throw new FrameError(`a frame of ${length} bytes, more than ${this.#bodyBytesMax}`);
    }
    return FRAME_HEADER_BYTES + length;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(body: Buffer): unknown {
  try {
    // Nearly all frames are ASCII, and decoding a small one costs more than parsing it.
    return JSON.parse(isAscii(body) ? body.toString('latin1') : utf8.decode(body)) as unknown;
  } catch {
    throw new FrameError('a frame that is not JSON');
  }
}

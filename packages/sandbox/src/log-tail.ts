/** The end of what a worker prints, however much that is. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { LIMITS } from '@hanabi/protocol';

/** No character of UTF-8 is longer. */
const KEPT_BYTES_MAX = LIMITS.job_log_chars_max * 4;

/** A worker that prints more than this between two ticks waits: its flood must not keep the host from other jobs. */
const BYTES_PER_TICK_MAX = 1024 * 1024;

/** Many tiny chunks weigh more than what they hold. */
const CHUNKS_MAX = 64;

export class LogTail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #budget = BYTES_PER_TICK_MAX;
  readonly #streams: Readable[];

  constructor(streams: Readable[]) {
    this.#streams = streams;
    for (const stream of streams) {
      stream.on('data', (chunk: Buffer) => this.#take(chunk));
      stream.on('error', () => {}); // its end is all that matters
    }
  }

  /** Lets a worker that printed too much go on. */
  tick(): void {
    this.#budget = BYTES_PER_TICK_MAX;
    for (const stream of this.#streams) stream.resume();
  }

  /** Settles when all that the dead worker printed has been read. */
  async drained(): Promise<void> {
    this.#budget = Number.POSITIVE_INFINITY;
    await Promise.all(this.#streams.map(endOf));
  }

  text(): string {
    return lastCharacters(Buffer.concat(this.#chunks).toString('utf8'), LIMITS.job_log_chars_max);
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0]!.length >= KEPT_BYTES_MAX) this.#bytes -= this.#chunks.shift()!.length;
    if (this.#chunks.length > CHUNKS_MAX) this.#chunks = [Buffer.concat(this.#chunks)];
    this.#budget -= chunk.length;
    if (this.#budget <= 0) for (const stream of this.#streams) stream.pause();
  }
}

async function endOf(stream: Readable): Promise<void> {
  stream.resume();
  if (!stream.closed) await once(stream, 'close');
}

export function lastCharacters(text: string, charsMax: number): string {
  return text.length > charsMax ? text.slice(-charsMax).toWellFormed() : text;
}

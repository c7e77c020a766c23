/** One output stream of an attached container, up to the note that its first process writes when the worker has ended. */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

/** The engine sends a stream in pieces, each after a byte for the stream, three of nothing and four for the length. */
const HEADER_BYTES = 8;
const STATUS_DIGITS = 3;

export class AttachedStream extends Readable {
  /** The exit status in the note, or undefined when the connection ended without one. */
  readonly noted: Promise<number | undefined>;
  readonly #socket: Socket;
  readonly #mark: Buffer;
  /** A header that has not come as a whole. */
  #header: Buffer = Buffer.alloc(0);
  #missing_bytes = 0;
  /** The end of what came, as long as it may be the beginning of the note. */
  #held: Buffer = Buffer.alloc(0);
  #note!: (status: number | undefined) => void;
  #over = false;

  constructor(socket: Socket, mark: Buffer) {
    super();
    this.#socket = socket;
    this.#mark = mark;
    this.noted = new Promise((resolve) => {
      this.#note = resolve;
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.once('close', () => this.#end(undefined));
    socket.on('error', () => {}); // it then closes
  }

  override _read(): void {
    this.#socket.resume();
  }

  /** The other direction of the connection is not ours to end. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#end(undefined);
    done(error);
  }

  /** Nothing more will come, although the connection stays. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.push(null);
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#over) {
      if (this.#missing_bytes === 0) rest = this.#readHeader(rest);
      const piece = rest.subarray(0, this.#missing_bytes);
      this.#missing_bytes -= piece.length;
      rest = rest.subarray(piece.length);
      if (piece.length > 0) this.#pass(piece);
    }
  }

  /** Returns what follows the header. */
  #readHeader(bytes: Buffer): Buffer {
    const wanted = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, wanted)]);
    if (this.#header.length === HEADER_BYTES) {
      this.#missing_bytes = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(wanted);
  }

  #pass(piece: Buffer): void {
    const bytes = this.#held.length > 0 ? Buffer.concat([this.#held, piece]) : piece;
    const at = bytes.indexOf(this.#mark);
    const passed = at >= 0 ? at : bytes.length - beginningAtEnd(bytes, this.#mark);
    this.#held = bytes.subarray(passed);
    if (passed > 0 && !this.push(bytes.subarray(0, passed))) this.#socket.pause();
    const noteBytes = this.#mark.length + STATUS_DIGITS;
    if (at < 0 || this.#held.length < noteBytes) return;
    this.#held = this.#held.subarray(0, noteBytes);
    this.#end(Number(this.#held.toString('latin1', this.#mark.length)));
  }

  #end(status: number | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#note(status);
    this.push(null);
  }
}

/** How many of the last bytes are the first ones of the mark. */
function beginningAtEnd(bytes: Buffer, mark: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(-length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}

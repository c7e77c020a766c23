import type { Duplex } from 'node:stream';
import { type Deferred, deferred } from './deferred.ts';
import { EngineError } from './engine-error.ts';
import type { Fields } from './wire.ts';

/** As in python/hanabi_workflow/connection.py. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;
const LENGTH_BYTES = 4;

export interface ChannelListener {
  /** Answers what the process asks for. EngineErrors reach it as such. */
  answer(ask: string, fields: Fields): Promise<unknown>;
  notice(notice: string, fields: Fields): void;
}

/** The channel to a process that runs workflows: frames of JSON, each after its length in four bytes. */
export class Channel {
  readonly #stream: Duplex;
  readonly #listener: ChannelListener;
  readonly #work = new Map<number, Deferred<Fields>>();
  #number = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Duplex, listener: ChannelListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', () => stream.destroy());
    stream.on('close', () => {
      for (const work of this.#work.values()) work.reject(gone());
      this.#work.clear();
    });
  }

  /** Gives work to the process and waits for what came of it. Rejects where there is no process any more. */
  do(kind: string, work: unknown): Promise<Fields> {
    if (this.#stream.destroyed) return Promise.reject(gone());
    this.#number += 1;
    const task = this.#number;
    const done = deferred<Fields>();
    this.#work.set(task, done);
    this.#send({ task, kind, work });
    return done.promise;
  }

  cancel(token: string, reason: string): void {
    this.#send({ cancel: token, reason });
  }

  close(): void {
    this.#stream.destroy();
  }

  #send(frame: unknown): void {
    if (this.#stream.destroyed) return;
    const data = Buffer.from(JSON.stringify(frame), 'utf8');
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(data.length);
    this.#stream.write(Buffer.concat([length, data]));
  }

  #read(chunk: Buffer): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readUInt32BE();
      if (end > FRAME_BYTES_MAX) {
        this.#stream.destroy();
        return;
      }
      if (rest.length < end) break;
      this.#take(JSON.parse(rest.toString('utf8', LENGTH_BYTES, end)) as Fields);
      rest = rest.subarray(end);
    }
    this.#rest = rest;
  }

  #take(frame: Fields): void {
    if ('ask' in frame) void this.#answer(frame);
    else if ('notice' in frame) this.#listener.notice(frame['notice'] as string, frame);
    else {
      const task = frame['task'] as number;
      this.#work.get(task)?.resolve(frame['done'] as Fields);
      this.#work.delete(task);
    }
  }

  async #answer({ id, ask, ...fields }: Fields): Promise<void> {
    try {
      this.#send({ id, answer: (await this.#listener.answer(ask as string, fields)) ?? null });
    } catch (error) {
      const kind = error instanceof EngineError ? error.kind : 'INTERNAL';
      const details = error instanceof EngineError ? error.details : {};
      this.#send({ id, error: { ...details, kind, message: (error as Error).message } });
    }
  }
}

function gone(): EngineError {
  return new EngineError('INTERNAL', 'the process ended');
}

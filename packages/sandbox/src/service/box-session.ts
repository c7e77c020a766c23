/** A service in its box: frames become events, orders become frames. Nothing here trusts the runner. */
import { FRAME_CHUNK_BYTES, HanabiError, ServiceFrame } from '@hanabi/protocol';
import type { Box } from '../box.ts';
import { encodeBytesFrame, encodeJsonFrame, type Frame, FrameError } from '../frames.ts';
import { OutputWatch } from '../output-folder/watch-output.ts';
import { endedWithoutResult, failureOf } from '../verdict.ts';
import type { ServiceEvent, ServiceOrder, ServiceSession, ServiceSpec, ServiceUsage } from './service.ts';

/** How often totals are looked at. */
const LOOK_MS = 1000;
/** A process that exits closes its channel a moment before its status is known. */
const EXIT_WAIT_MS = 500;

export interface SessionParts {
  box: Box;
  /** Folders for sys.path inside the box. */
  libraries: string[];
  /** Settles when everything in the box is dead and its place is free. */
  dispose(): Promise<void>;
  /** Ends the session. */
  signal: AbortSignal;
}

export function startSession(spec: ServiceSpec, parts: SessionParts): ServiceSession {
  return new BoxSession(spec, parts);
}

interface Asked {
  id: number;
  method: string;
  chunks: Buffer[];
  missing_bytes: number;
}

class BoxSession implements ServiceSession {
  readonly events: AsyncGenerator<ServiceEvent, void, void>;
  readonly #spec: ServiceSpec;
  readonly #parts: SessionParts;
  readonly #watch: NodeJS.Timeout;
  #asked: Asked | undefined;
  /** Why the box was ended from here. */
  #failure: HanabiError | undefined;
  #closing: Promise<void> | undefined;

  constructor(spec: ServiceSpec, parts: SessionParts) {
    this.#spec = spec;
    this.#parts = parts;
    const { box, libraries, signal } = parts;
    const output = outputWatch(box, spec);
    this.#watch = setInterval(() => this.#look(output), LOOK_MS).unref();
    signal.addEventListener('abort', this.#abort);
    if (signal.aborted) this.#abort();
    box.send(encodeJsonFrame({ kind: spec.profile ?? 'service', entry: spec.entry, libraries }));
    this.events = this.#read();
  }

  send(order: ServiceOrder): void {
    if (this.#closing) return;
    // A service that does not read its answer has asked for it, and gets no other one before.
    void this.#parts.box.answer(order.kind === 'call' ? [encodeJsonFrame(order)] : answerFrames(order));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#watch);
    this.#parts.signal.removeEventListener('abort', this.#abort);
    await this.#parts.dispose();
  }

  readonly #abort = () => void this.close().catch(() => {}); // who closes it is told

  #look(output: OutputWatch | undefined): void {
    this.#parts.box.log.tick();
    void output?.look().then((error) => error && this.#end(error));
  }

  #end(failure: HanabiError): void {
    this.#failure ??= failure;
    void this.#parts.box.kill();
  }

  async *#read(): AsyncGenerator<ServiceEvent, void, void> {
    const { box } = this.#parts;
    try {
      await box.ready?.();
      for await (const frame of box.frames) {
        const event = this.#take(frame);
        if (event) yield event;
      }
    } catch (error) {
      this.#failure ??= asHanabiError(error);
    }
    if (this.#closing) return;
    const failure = this.#failure ?? (await this.#verdict());
    await this.close();
    throw failure;
  }

  #take(frame: Frame): ServiceEvent | undefined {
    if (frame.kind === 'bytes') return this.#takeBytes(frame.bytes);
    if (this.#asked) throw new FrameError('a frame before the question was complete');
    const parsed = ServiceFrame.safeParse(frame.value);
    if (!parsed.success) throw new FrameError('a frame of unknown shape');
    const message = parsed.data;
    if (message.kind === 'loaded') return message;
    if (message.kind === 'failed') throw failureOf(message.reason, message.message);
    if (message.kind !== 'ask') return { ...message, usage: this.#usage() };
    this.#asked = { id: message.id, method: message.method, chunks: [], missing_bytes: message.size_bytes };
    return undefined;
  }

  #takeBytes(bytes: Buffer): ServiceEvent | undefined {
    const asked = this.#asked;
    if (!asked || bytes.length > asked.missing_bytes || bytes.length === 0) {
      throw new FrameError('bytes that belong to no question');
    }
    // Copied: a piece of a byte would keep the whole chunk that it came in.
    asked.chunks.push(Buffer.from(bytes));
    asked.missing_bytes -= bytes.length;
    if (asked.missing_bytes > 0) return undefined;
    this.#asked = undefined;
    return { kind: 'ask', id: asked.id, method: asked.method, params: parseJson(Buffer.concat(asked.chunks)) };
  }

  #usage(): ServiceUsage {
    const { cpu_ms, memory_bytes_peak } = this.#parts.box.usage();
    return { cpu_ms, memory_bytes_peak };
  }

  async #verdict(): Promise<HanabiError> {
    const { box } = this.#parts;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, EXIT_WAIT_MS, undefined);
    });
    const exit = await Promise.race([box.exited, patience]);
    clearTimeout(timer);
    await box.kill();
    if (box.usage().oom_kills > 0) return new HanabiError('HANABI-W003');
    return endedWithoutResult(exit, null, this.#spec.limits);
  }
}

function outputWatch(box: Box, { limits }: ServiceSpec): OutputWatch | undefined {
  if (box.output_dir === undefined) return undefined;
  const hiddenBytes = () => box.hiddenOutputBytes?.() ?? 0;
  return new OutputWatch({ dir: box.output_dir, sized: box.output_is_sized === true, hiddenBytes }, limits);
}

function answerFrames({ id, told }: Extract<ServiceOrder, { kind: 'answer' }>): Buffer[] {
  const body = Buffer.from(JSON.stringify(told));
  const frames = [encodeJsonFrame({ kind: 'answer', id, size_bytes: body.length })];
  for (let at = 0; at < body.length; at += FRAME_CHUNK_BYTES) {
    frames.push(...encodeBytesFrame(body.subarray(at, at + FRAME_CHUNK_BYTES)));
  }
  return frames;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch {
    throw new FrameError('a question that is not JSON');
  }
}

function asHanabiError(error: unknown): HanabiError {
  if (error instanceof HanabiError) return error;
  if (error instanceof FrameError) return new HanabiError('HANABI-W014', error.message);
  return new HanabiError('HANABI-V009', undefined, { cause: error });
}

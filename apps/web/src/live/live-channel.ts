/**
 * This desktop's end of the live channel: capability calls over one WebSocket, and what the server tells by itself. While
 * it is away everything goes over HTTP, and it comes back by itself.
 */
import {
  DESKTOP_PATHS,
  HanabiError,
  type HanabiEvent,
  LIMITS,
  LIVE_CLOSED,
  LIVE_PROTOCOL,
  LIVE_TOKEN_PREFIX,
  type LiveEvent,
  type LiveMessage,
  type LiveRequest,
} from '@hanabi/protocol';
import { LiveCall } from './live-call.ts';
import { Retry } from './retry.ts';

/** The channel broke before the answer came; whether the call was made is not known. */
export class ChannelBroke extends Error {}

interface Ways {
  csrfToken: () => string;
  /** No channel was to be had, or the server ended it with the session; whoever knows finds out why. */
  refused: () => void;
}

/** Text that is surely within the bound, whatever its letters take as UTF-8. */
const TEXT_CHARS_MAX = Math.floor(LIMITS.live_message_bytes_max / 3);

export class LiveChannel {
  readonly #ways: Ways;
  #socket: WebSocket | null = null;
  #wanted = false;
  #open = false;
  #made = 0;
  #heardAt = 0;
  readonly #calls = new Map<number, LiveCall>();
  /** Whose content is the next binary message. */
  #awaited: { id: number; data: unknown } | null = null;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  readonly #retry = new Retry(() => this.#connect());
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#watch = setInterval(() => this.#listenFor(), LIMITS.live_beat_ms / 2);
    this.#retry.start();
    this.#connect();
  }

  stop(): void {
    this.#wanted = false;
    this.#retry.stop();
    clearInterval(this.#watch);
    this.#drop();
  }

  /** What the server tells; `missed` whenever something may not have been told. Returns the way to stop listening. */
  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * A call over the channel, or null where it has to take another way. Yields the events of a streaming one, returns its
   * data. Ends with `ChannelBroke`, or with `Elsewhere` where nothing was done because the answer is too large.
   */
  call(
    type: string,
    payload: Record<string, unknown>,
    launch: string,
    signal: AbortSignal,
  ): AsyncGenerator<HanabiEvent, unknown, void> | null {
    if (!this.#open || payload['bytes'] !== undefined || this.#calls.size >= LIMITS.live_calls_at_once_max) return null;
    const id = (this.#made += 1);
    const text = JSON.stringify({ op: 'call', id, type, launch, payload } satisfies LiveRequest);
    if (text.length > TEXT_CHARS_MAX) return null;
    const call = new LiveCall(payload['encoding'] === 'blob', {
      taken: (count) => this.#send({ op: 'taken', id, count }),
      left: () => {
        this.#calls.delete(id);
        this.#send({ op: 'cancel', id });
      },
    });
    this.#calls.set(id, call);
    this.#socket!.send(text);
    return call.events(signal);
  }

  #connect(): void {
    if (!this.#wanted || this.#socket) return;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}${DESKTOP_PATHS.live}`, [
      LIVE_PROTOCOL,
      LIVE_TOKEN_PREFIX + this.#ways.csrfToken(),
    ]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('open', () => this.#opened(socket));
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#socket === socket) this.#take(data);
    });
    socket.addEventListener('close', ({ code }) => this.#closed(socket, code));
  }

  #opened(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#open = true;
    this.#heardAt = performance.now();
    this.#retry.succeeded();
    // What happened while there was no channel, nobody has told.
    this.#tell({ topic: 'missed' });
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#socket !== socket) return;
    const wasOpen = this.#open;
    this.#drop();
    if (!wasOpen || code === LIVE_CLOSED.session_ended) this.#ways.refused();
    if (this.#wanted) this.#retry.later();
  }

  /** The calls that are under way are answered here: nobody else will. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#open = false;
    this.#awaited = null;
    socket?.close();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.fail(new ChannelBroke());
  }

  #take(data: string | ArrayBuffer): void {
    this.#heardAt = performance.now();
    if (typeof data !== 'string') {
      const { id, data: facts } = this.#awaited ?? { id: 0, data: null };
      this.#awaited = null;
      this.#settle(id, (call) => call.answer({ ...(facts as object), bytes: call.asContent(data) }));
      return;
    }
    const message = JSON.parse(data) as LiveMessage;
    if (message.op === 'live') this.#tell(message.event);
    else if (message.op === 'beat') this.#send({ op: 'beat' });
    else if (message.op === 'event') this.#calls.get(message.id)?.event(message.event);
    else if (message.op === 'elsewhere') this.#settle(message.id, (call) => call.elsewhere());
    else if (!message.ok) this.#settle(message.id, (call) => call.fail(HanabiError.fromBody(message.error)));
    else if (message.bytes) this.#awaited = { id: message.id, data: message.data };
    else this.#settle(message.id, (call) => call.answer(message.data));
  }

  #settle(id: number, act: (call: LiveCall) => void): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (call) act(call);
  }

  #send(request: LiveRequest): void {
    if (this.#open) this.#socket!.send(JSON.stringify(request));
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** A connection that died without a word looks like one on which nothing happens, but for the beat of the server. */
  #listenFor(): void {
    if (!this.#open || performance.now() - this.#heardAt < 2.5 * LIMITS.live_beat_ms) return;
    this.#drop();
    this.#retry.later();
  }
}

/**
 * One live channel: what goes over its WebSocket, at the pace of whoever reads at the other end. What a slow desktop is
 * owed waits within a bound; then nothing more is read from it, and news are left out.
 */
import { HanabiError, LIMITS, LIVE_CLOSED, type LiveEvent, type LiveMessage, LiveRequest } from '@hanabi/protocol';
import type { RawData, WebSocket } from 'ws';
import type { LiveListener } from './live.ts';
import { compile } from '../http/validate.ts';

const checkRequest = compile(LiveRequest, 'HANABI-V001');

/** Codes of the WebSocket protocol itself. */
const SERVICE_RESTART = 1012;

export interface ConnectionParts {
  socket: WebSocket;
  user_id: string;
  token_hash: string;
  /** Reads JSON as the HTTP routes do, and refuses what they refuse. */
  parse: (text: string) => unknown;
  onRequest: (request: Exclude<LiveRequest, { op: 'beat' }>) => void;
  /** May be called twice. */
  onClosed: () => void;
}

export class LiveConnection implements LiveListener {
  readonly user_id: string;
  readonly token_hash: string;
  private readonly parts: ConnectionParts;
  private readonly socket: WebSocket;
  private readonly waiting: (() => void)[] = [];
  private full = false;
  private missed = false;
  private heardAt = performance.now();

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.socket = parts.socket;
    this.user_id = parts.user_id;
    this.token_hash = parts.token_hash;
    // A text or a binary message arrives whole; above its bound the library has closed the channel.
    this.socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    this.socket.on('close', () => this.closed());
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Settles when there is room for more, or nobody is there any more. */
  async send(message: LiveMessage, bytes?: Uint8Array): Promise<void> {
    this.write(JSON.stringify(message));
    if (bytes) this.write(bytes);
    if (this.full && this.open) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  tell(event: LiveEvent): void {
    if (this.full) this.missed = true;
    else this.write(JSON.stringify({ op: 'live', event } satisfies LiveMessage));
  }

  sessionEnded(): void {
    this.end(LIVE_CLOSED.session_ended, 'the session has ended');
  }

  restarting(): void {
    this.end(SERVICE_RESTART, 'the server is restarted');
  }

  beat(): void {
    if (performance.now() - this.heardAt > 2.5 * LIMITS.live_beat_ms) this.end(LIVE_CLOSED.silent, 'nothing was heard');
    else if (!this.full) this.write(JSON.stringify({ op: 'beat' } satisfies LiveMessage));
  }

  malformed(why: string): void {
    this.end(LIVE_CLOSED.malformed, why);
  }

  /** From here on nothing is taken or sent. The other end is told, and is not waited for if it does not answer. */
  private end(code: number, why: string): void {
    if (!this.open) return;
    this.socket.resume();
    this.socket.close(code, why);
    setTimeout(() => this.socket.terminate(), LIMITS.live_closing_ms_max).unref();
    this.closed();
  }

  private closed(): void {
    for (const go of this.waiting.splice(0)) go();
    this.parts.onClosed();
  }

  private write(data: string | Uint8Array): void {
    if (!this.open) return;
    this.socket.send(data, this.flushed);
    if (this.full || this.socket.bufferedAmount <= LIMITS.live_unread_bytes_max) return;
    this.full = true;
    this.socket.pause();
  }

  private readonly flushed = (): void => {
    if (!this.full) return;
    // Nothing is read from it now, but it has read.
    this.heardAt = performance.now();
    if (this.socket.bufferedAmount > LIMITS.live_unread_bytes_max / 2) return;
    this.full = false;
    this.socket.resume();
    for (const go of this.waiting.splice(0)) go();
    if (!this.missed) return;
    this.missed = false;
    this.tell({ topic: 'missed' });
  };

  private receive(data: RawData, isBinary: boolean): void {
    if (!this.open) return;
    this.heardAt = performance.now();
    if (isBinary) {
      this.malformed('messages are text');
      return;
    }
    const text = (data as Buffer).toString('utf8');
    let request: LiveRequest;
    try {
      request = checkRequest(this.parts.parse(text));
    } catch (error) {
      this.refuse(text, error);
      return;
    }
    if (request.op !== 'beat') this.parts.onRequest(request);
  }

  /** A module may have put into its payload what is refused; that is its own failure, and not the channel's. */
  private refuse(text: string, cause: unknown): void {
    const id = callIdOf(text);
    if (id === undefined) {
      this.malformed('not a message of this channel');
      return;
    }
    const error = cause instanceof HanabiError ? cause : new HanabiError('HANABI-V008', undefined, { cause });
    void this.send({ op: 'reply', id, ok: false, error: error.toBody() });
  }
}

function callIdOf(text: string): number | undefined {
  try {
    const { op, id } = JSON.parse(text) as { op?: unknown; id?: unknown };
    return op === 'call' && Number.isSafeInteger(id) ? (id as number) : undefined;
  } catch {
    return undefined;
  }
}

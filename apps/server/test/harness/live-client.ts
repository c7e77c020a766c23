/**
 * A live channel as a desktop opens it, byte by byte: so that a test can also leave things out, send what is none of the
 * protocol, and stop reading.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { DESKTOP_PATHS, type ErrorBody, LIVE_PROTOCOL, LIVE_TOKEN_PREFIX, type LiveMessage } from '@hanabi/protocol';
import type { Desktop } from './desktop.ts';

export type Handshake = Record<string, string | undefined>;

/** The answer to a handshake that was refused. */
class Refused extends Error {
  readonly status: number;
  readonly error: ErrorBody;

  constructor(status: number, error: ErrorBody) {
    super(error.message);
    this.status = status;
    this.error = error;
  }
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

export class LiveClient {
  readonly messages: LiveMessage[] = [];
  readonly contents: Buffer[] = [];
  /** Set when the server has closed the channel, or the connection is gone. */
  closed: { code: number } | undefined;
  readonly socket: Socket;
  private rest = Buffer.alloc(0);
  private parts: Buffer[] = [];
  private kind = 0;
  private calls = 0;
  private wake: (() => void)[] = [];

  private constructor(socket: Socket, head: Buffer) {
    this.socket = socket;
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('error', () => {});
    socket.on('close', () => this.end(1006));
    if (head.length > 0) this.read(head);
  }

  /** Headers that are undefined are left out. */
  static async open(desktop: Desktop, changed: Handshake = {}): Promise<LiveClient> {
    const headers: Handshake = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      'sec-websocket-protocol': `${LIVE_PROTOCOL}, ${LIVE_TOKEN_PREFIX}${desktop.csrf}`,
      'sec-fetch-site': 'same-origin',
      origin: desktop.url,
      cookie: desktop.cookie,
      ...changed,
    };
    const asked = request(desktop.url + DESKTOP_PATHS.live, {
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    });
    asked.end();
    return new Promise((resolve, reject) => {
      asked.once('upgrade', (_, socket: Socket, head: Buffer) => resolve(new LiveClient(socket, head)));
      asked.once('response', (response) => void refusal(response).then(reject, reject));
      asked.once('error', reject);
    });
  }

  /** Begins a call and returns its number. */
  call(launch: { id: string }, type: string, payload: object = {}): number {
    this.calls += 1;
    this.send({ op: 'call', id: this.calls, type, launch: launch.id, payload });
    return this.calls;
  }

  async ask(launch: { id: string }, type: string, payload: object = {}): Promise<Answered> {
    return this.reply(this.call(launch, type, payload));
  }

  async reply(id: number): Promise<Answered> {
    const found = await this.find((message) => message.op === 'reply' && message.id === id);
    return found as unknown as Answered;
  }

  /** The first message, there already or still to come, that is what is looked for. */
  async find(wanted: (message: LiveMessage) => boolean): Promise<LiveMessage> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found) return found;
      if (this.closed) throw new Error(`the channel was closed with ${this.closed.code}`);
      await this.something();
    }
  }

  /** Settles with the code of the closing. */
  async ending(): Promise<number> {
    while (!this.closed) await this.something();
    return this.closed.code;
  }

  send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.sendFrame(TEXT, Buffer.from(text));
  }

  sendBytes(bytes: Uint8Array): void {
    this.sendFrame(BINARY, bytes);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }

  /** Client frames are masked; a mask of zeros leaves the bytes as they are. */
  private sendFrame(kind: number, bytes: Uint8Array): void {
    const head = Buffer.alloc(14);
    head[0] = 0x80 | kind;
    let length = 2;
    if (bytes.length < 126) head[1] = 0x80 | bytes.length;
    else if (bytes.length < 65_536) {
      head[1] = 0x80 | 126;
      head.writeUInt16BE(bytes.length, 2);
      length = 4;
    } else {
      head[1] = 0x80 | 127;
      head.writeBigUInt64BE(BigInt(bytes.length), 2);
      length = 10;
    }
    this.socket.write(Buffer.concat([head.subarray(0, length + 4), bytes]));
  }

  private read(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (let frame = this.nextFrame(); frame; frame = this.nextFrame()) this.take(frame);
  }

  private nextFrame(): { kind: number; final: boolean; bytes: Buffer } | undefined {
    const { rest } = this;
    if (rest.length < 2) return undefined;
    const short = rest[1]! & 0x7f;
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (rest.length < start) return undefined;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    if (rest.length < start + length) return undefined;
    this.rest = rest.subarray(start + length);
    return { kind: rest[0]! & 0x0f, final: rest[0]! >= 0x80, bytes: rest.subarray(start, start + length) };
  }

  private take({ kind, final, bytes }: { kind: number; final: boolean; bytes: Buffer }): void {
    if (kind === CLOSE) {
      this.end(bytes.length >= 2 ? bytes.readUInt16BE(0) : 1005);
      this.sendFrame(CLOSE, bytes.subarray(0, 2));
      return;
    }
    if (kind !== 0) this.kind = kind;
    this.parts.push(bytes);
    if (!final) return;
    const whole = Buffer.concat(this.parts.splice(0));
    if (this.kind === TEXT) this.messages.push(JSON.parse(whole.toString()) as LiveMessage);
    else this.contents.push(Buffer.from(whole));
    this.tell();
  }

  private end(code: number): void {
    this.closed ??= { code };
    this.tell();
  }

  private something(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private tell(): void {
    for (const go of this.wake.splice(0)) go();
  }
}

export interface Answered {
  ok: boolean;
  data: Record<string, unknown>;
  error: ErrorBody;
  bytes?: true;
}

async function refusal(response: IncomingMessage): Promise<Refused> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const { error } = JSON.parse(Buffer.concat(parts).toString()) as { error: ErrorBody };
  return new Refused(response.statusCode!, error);
}

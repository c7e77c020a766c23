/** The Docker Engine API over its unix socket, as far as sandboxes need it. The command line of Docker is never used. */
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** The engine said no. `status` is the HTTP status: 404 nothing of that name, 409 not in the state for it. */
export class EngineError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface EngineInfo {
  ServerVersion: string;
  CgroupVersion?: string;
  MemoryLimit: boolean;
  PidsLimit: boolean;
  CpuCfsQuota: boolean;
  Runtimes: Record<string, unknown>;
  DefaultRuntime: string;
  SecurityOptions: string[];
}

export interface ContainerState {
  Id: string;
  State: { Pid: number; OOMKilled: boolean; ExitCode: number };
}

export interface ListedContainer {
  Id: string;
  Labels: Record<string, string>;
}

export class Engine {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** No version in the path: each engine then speaks its newest one, and the oldest it knows differs from ours. */
  async ask<Answer = void>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const answer = await this.#send(method, path, body === undefined ? undefined : JSON.stringify(body));
    const told = await text(answer);
    if (answer.statusCode! >= 400) throw new EngineError(answer.statusCode!, messageOf(told));
    return (told === '' ? undefined : JSON.parse(told)) as Answer;
  }

  /** Streams bytes in, and hands out what the engine says meanwhile, one JSON object a line. */
  async *upload(path: string, bytes: Readable): AsyncGenerator<{ status?: string; error?: string }, void, void> {
    const answer = await this.#send('POST', path, bytes);
    if (answer.statusCode! >= 400) throw new EngineError(answer.statusCode!, messageOf(await text(answer)));
    let rest = '';
    for await (const chunk of answer.setEncoding('utf8')) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) if (line.trim()) yield JSON.parse(line) as { status?: string; error?: string };
    }
    if (rest.trim()) yield JSON.parse(rest) as { status?: string; error?: string };
  }

  /** Streams of a container, as one connection that HTTP has left. What comes is cut into pieces: see Demultiplexer. */
  attach(id: string, streams: readonly ('stdin' | 'stdout' | 'stderr')[]): Promise<Socket> {
    const query = ['stream=1', ...streams.map((name) => `${name}=1`)].join('&');
    return new Promise((resolve, reject) => {
      const asked = httpRequest({
        socketPath: this.#socketPath,
        method: 'POST',
        path: `/containers/${id}/attach?${query}`,
        headers: { Host: 'docker', Connection: 'Upgrade', Upgrade: 'tcp' },
      });
      asked.once('error', reject);
      asked.once('response', (answer) => {
        text(answer).then((told) => reject(new EngineError(answer.statusCode!, messageOf(told))), reject);
      });
      asked.once('upgrade', (_, socket: Socket, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      asked.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body: string | Readable | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const type = typeof body === 'string' ? 'application/json' : 'application/x-tar';
      const headers: Record<string, string | number> = { Host: 'docker' };
      if (body !== undefined) headers['Content-Type'] = type;
      if (typeof body === 'string') headers['Content-Length'] = Buffer.byteLength(body);
      const asked = httpRequest({ socketPath: this.#socketPath, agent: this.#agent, method, path, headers }, resolve);
      asked.once('error', reject);
      if (body === undefined || typeof body === 'string') asked.end(body);
      else body.once('error', (error) => asked.destroy(error)).pipe(asked);
    });
  }
}

function messageOf(told: string): string {
  try {
    return (JSON.parse(told) as { message: string }).message;
  } catch {
    return told.trim() || 'the engine gave no reason';
  }
}

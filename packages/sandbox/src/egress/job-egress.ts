/**
 * The network of one job. The sandbox itself has none: the worker asks with frames, this side decides, performs and
 * answers. A worker may write any frame it likes, so nothing here trusts the runner.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type FetchAnswerFrame, type FetchFrame, FRAME_CHUNK_BYTES, HanabiError, LIMITS } from '@hanabi/protocol';
import { encodeBytesFrame, encodeJsonFrame, FrameError } from '../frames.ts';
import type { Answer } from './answer.ts';
import type { FetchMeans } from './fetch.ts';
import type { FetchLimits } from './fetch-limits.ts';
import type { NetworkPolicy } from './policy.ts';
import { type FetchRecord, newRecord } from './record.ts';
import { dnsLookUp, type LookUp } from './resolve.ts';
import { timedFetch } from './timed-fetch.ts';
import { Turns } from './turns.ts';

export interface EgressParts {
  /** Undefined: every request is refused. */
  policy: NetworkPolicy | undefined;
  /** To the worker. Settles when it has room for more. */
  answer(frames: Buffer[]): Promise<void>;
  /** Called once for each ctx.fetch, in the order in which they end. */
  record(record: FetchRecord): void;
  limits?: FetchLimits;
  lookUp?: LookUp;
}

/** A request whose body is still on its way. */
interface Incoming {
  frame: FetchFrame;
  /**
   * As large as announced, and filled as it comes: the worker cuts the pieces, and to keep one of a byte takes some
   * hundred. Undefined: it is skipped, because it is too large.
   */
  body: Buffer | undefined;
  missing_bytes: number;
}

interface Running {
  abort: AbortController;
  record: FetchRecord;
  startedAt: number;
  isTold: boolean;
}

export class JobEgress {
  readonly #parts: EgressParts;
  readonly #limits: FetchLimits;
  readonly #running = new Set<Running>();
  readonly #agents = new Map<string, HttpAgent>();
  #incoming: Incoming | undefined;
  #means: FetchMeans | undefined;
  #requests = 0;
  #bytes = 0;
  #isOverCountTold = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(parts: EgressParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? LIMITS;
  }

  /** Whether the next frame has to be a piece of a body. */
  get awaitsBytes(): boolean {
    return this.#incoming !== undefined;
  }

  /** Settles when there is room for it; until then the worker is not listened to. */
  async begin(frame: FetchFrame): Promise<void> {
    const fits = frame.size_bytes <= this.#limits.fetch_request_bytes_max;
    this.#incoming = {
      frame,
      body: fits ? Buffer.alloc(frame.size_bytes) : undefined,
      missing_bytes: frame.size_bytes,
    };
    if (frame.size_bytes === 0) await this.#start();
  }

  async write(bytes: Buffer): Promise<void> {
    const incoming = this.#incoming;
    if (!incoming || bytes.length > incoming.missing_bytes) throw new FrameError('bytes that belong to no request');
    incoming.body?.set(bytes, incoming.body.length - incoming.missing_bytes);
    incoming.missing_bytes -= bytes.length;
    if (incoming.missing_bytes === 0) await this.#start();
  }

  /** Ends what is under way, on the record. Nothing is answered afterwards. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const running of this.#running) {
      this.#tell(running, 'HANABI-W016');
      running.abort.abort();
    }
    for (const agent of this.#agents.values()) agent.destroy();
    this.#wake?.();
  }

  async #start(): Promise<void> {
    const { frame, body } = this.#incoming!;
    this.#incoming = undefined;
    while (this.#running.size >= this.#limits.fetch_requests_at_once_max && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#closed) return;
    const running: Running = {
      abort: new AbortController(),
      record: newRecord(frame, this.#limits),
      startedAt: performance.now(),
      isTold: false,
    };
    this.#running.add(running);
    void this.#run(frame, body, running).finally(() => {
      this.#running.delete(running);
      this.#wake?.();
    });
  }

  async #run(frame: FetchFrame, body: Buffer | undefined, running: Running): Promise<void> {
    const answer = await this.#decide(frame, body, running);
    if (this.#closed) return;
    const refusal = answer instanceof HanabiError ? answer : undefined;
    this.#tell(running, refusal?.code ?? null);
    // An answer that the worker does not fetch keeps its place, so that no worker can pile them up here.
    await this.#parts.answer(framesOf(frame.id, answer));
  }

  async #decide(frame: FetchFrame, body: Buffer | undefined, running: Running): Promise<Answer | HanabiError> {
    const { abort, record } = running;
    try {
      if (this.#requests >= this.#limits.fetch_requests_per_job_max) throw this.#overCount();
      return await timedFetch({ frame, body, record, signal: abort.signal }, this.#meansOf());
    } catch (error) {
      // A refusal costs too: it is a decision, and a row.
      if (record.requests === 0) this.#requests += 1;
      return error as HanabiError;
    }
  }

  #meansOf(): FetchMeans {
    const { policy, lookUp = dnsLookUp() } = this.#parts;
    if (!policy) throw new HanabiError('HANABI-N001');
    if (this.#means) return this.#means;
    const { budget } = policy;
    const turns = budget && new Turns(budget.requests_per_s_max);
    this.#means = {
      policy,
      limits: this.#limits,
      lookUp,
      agentFor: (url) => this.#agentFor(url),
      beforeRequest: async (signal) => {
        if (this.#requests >= this.#limits.fetch_requests_per_job_max) throw this.#overCount();
        this.#requests += 1;
        await turns?.take(signal);
      },
      spend: (bytes) => {
        this.#bytes += bytes;
        if (budget && this.#bytes > budget.bytes_max) {
          throw new HanabiError('HANABI-N008', `more than ${budget.bytes_max} bytes`);
        }
      },
    };
    return this.#means;
  }

  #overCount(): HanabiError {
    return new HanabiError('HANABI-N006', `more than ${this.#limits.fetch_requests_per_job_max}`);
  }

  /** Connections last as long as the job and are never another one's. */
  #agentFor({ protocol }: URL): HttpAgent {
    let agent = this.#agents.get(protocol);
    if (!agent) {
      const options = { keepAlive: true, maxFreeSockets: this.#limits.fetch_requests_at_once_max };
      agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
      this.#agents.set(protocol, agent);
    }
    return agent;
  }

  /** Once for each request; of those that come after the last allowed one only the first is told. */
  #tell(running: Running, code: FetchRecord['code']): void {
    if (running.isTold) return;
    running.isTold = true;
    if (code === 'HANABI-N006') {
      if (this.#isOverCountTold) return;
      this.#isOverCountTold = true;
    }
    this.#parts.record({ ...running.record, code, wall_ms: performance.now() - running.startedAt });
  }
}

function framesOf(id: number, answer: Answer | HanabiError): Buffer[] {
  if (answer instanceof HanabiError) {
    const { code, message } = answer;
    return [encodeJsonFrame({ kind: 'refused', id, code, message } satisfies FetchAnswerFrame)];
  }
  const { status, headers, body } = answer;
  const size_bytes = body.length;
  const frames = [encodeJsonFrame({ kind: 'fetched', id, status, headers, size_bytes } satisfies FetchAnswerFrame)];
  for (let at = 0; at < body.length; at += FRAME_CHUNK_BYTES) {
    frames.push(...encodeBytesFrame(body.subarray(at, at + FRAME_CHUNK_BYTES)));
  }
  return frames;
}

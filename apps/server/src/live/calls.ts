/** The capability calls of one live channel: begun in the order of their arrival, answered as they are done. */
import { EventFlow, HanabiError, type HanabiEvent, LIMITS, type LiveRequest } from '@hanabi/protocol';
import { ContentAnswer } from '../capabilities/call.ts';
import type { Context } from '../context.ts';
import { answerCapability, drain } from '../http/answer-capability.ts';
import type { LiveSession } from '../accounts/sessions.ts';
import type { LiveConnection } from './connection.ts';

type CallRequest = Extract<LiveRequest, { op: 'call' }>;

interface Running {
  stop: AbortController;
  /** Of one that streams. */
  flow: EventFlow | undefined;
}

/** Thrown where an answer turns out to be too large for the channel, before anything has been done. */
class Elsewhere extends Error {}

export interface CallParts {
  context: Context;
  connection: LiveConnection;
  /** The session as it is now, or its end. Asked for each call, as over HTTP. */
  session: () => Promise<LiveSession>;
  /** What an error says outside; the rest of it is logged under that number. */
  explain: (error: unknown, call: number) => HanabiError;
}

export class LiveCalls {
  private readonly parts: CallParts;
  private readonly running = new Map<number, Running>();

  constructor(parts: CallParts) {
    this.parts = parts;
  }

  take(request: Exclude<LiveRequest, { op: 'beat' }>): void {
    if (request.op === 'call') this.start(request);
    else if (request.op === 'taken') this.running.get(request.id)?.flow?.tookUpTo(request.count);
    else this.stop(this.running.get(request.id));
  }

  close(): void {
    for (const running of this.running.values()) this.stop(running);
  }

  private start(request: CallRequest): void {
    const { connection, explain } = this.parts;
    const { id } = request;
    if (this.running.has(id)) {
      connection.malformed('two calls have one number');
      return;
    }
    if (this.running.size >= LIMITS.live_calls_at_once_max) {
      const error = new HanabiError('HANABI-Q002', `${LIMITS.live_calls_at_once_max} are under way`);
      void connection.send({ op: 'reply', id, ok: false, error: error.toBody() });
      return;
    }
    const running: Running = { stop: new AbortController(), flow: undefined };
    this.running.set(id, running);
    void this.answer(request, running)
      .catch((error: unknown) => {
        if (error instanceof Elsewhere) return connection.send({ op: 'elsewhere', id });
        return connection.send({ op: 'reply', id, ok: false, error: explain(error, id).toBody() });
      })
      .finally(() => this.running.delete(id));
  }

  private stop(running: Running | undefined): void {
    running?.stop.abort();
    running?.flow?.close();
  }

  private async answer({ id, type, launch, payload }: CallRequest, running: Running): Promise<void> {
    const { context } = this.parts;
    const { signal } = running.stop;
    const session = await this.parts.session();
    const leave: (() => void)[] = [];
    const holdFile = async (size_bytes: number) => {
      if (size_bytes > LIMITS.live_content_bytes_max) throw new Elsewhere();
      leave.push(await context.base64Memory.enter(session.user.id, size_bytes * COPIES_OF_FILE, signal));
    };
    try {
      const asked = {
        session,
        requestId: `live-${id}`,
        type,
        launch,
        body: payload,
        upload: undefined,
        signal,
        holdFile,
      };
      const answer = await answerCapability(context, asked);
      if (answer.kind === 'data') await this.reply(id, answer.data);
      else if (!answer.wanted) await this.reply(id, await drain(answer.events));
      else {
        running.flow = new EventFlow();
        await this.reply(id, await this.stream(id, answer.events, running));
      }
    } finally {
      for (const go of leave) go();
    }
  }

  private async reply(id: number, data: unknown): Promise<void> {
    const { context, connection } = this.parts;
    if (!(data instanceof ContentAnswer)) return connection.send({ op: 'reply', id, ok: true, data });
    if (data.file.size_bytes > LIMITS.live_content_bytes_max) throw new Elsewhere();
    const bytes = await context.blobs.read(data.file.sha256);
    return connection.send({ op: 'reply', id, ok: true, data: data.data, bytes: true }, bytes);
  }

  private async stream(
    id: number,
    events: AsyncGenerator<HanabiEvent, unknown, void>,
    { stop, flow }: Running,
  ): Promise<unknown> {
    const { connection } = this.parts;
    try {
      for (;;) {
        const step = await events.next();
        if (step.done) return step.value;
        if (stop.signal.aborted) throw new HanabiError('HANABI-W016');
        await connection.send({ op: 'event', id, event: step.value });
        await flow!.sentOne();
      }
    } finally {
      // The handler's own cleaning up has to run when nobody listens any more.
      await events.return(undefined);
    }
  }
}

/** Of a file that is read: its bytes, their base64, the JSON around it, and that as it is sent. */
const COPIES_OF_FILE = 4;

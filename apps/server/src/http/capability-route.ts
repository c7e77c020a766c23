/**
 * Capability calls over HTTP. With `stream` the answer is NDJSON: one line an event, and the last line the reply. The same
 * calls travel over the live channel.
 */
import { Readable } from 'node:stream';
import {
  DATA_HEADER,
  DESKTOP_PATHS,
  HanabiError,
  type HanabiEvent,
  LAUNCH_HEADER,
  LIMITS,
  MIB,
  PAYLOAD_HEADER,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ContentAnswer } from '../capabilities/call.ts';
import type { Context } from '../context.ts';
import { answerCapability, drain } from './answer-capability.ts';
import { holdBody, holdFile } from './base64-memory.ts';
import { toHanabiError } from './errors.ts';
import { sendContent } from './send-content.ts';
import { sendLines } from './send-lines.ts';
import { requireSession } from './session-guard.ts';

export function capabilityRoute(app: FastifyInstance, context: Context): void {
  const { capabilities: path } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };
  // Only this one brings a file along; the bodies of all others are small.
  const withFile = {
    ...guard,
    bodyLimit: Math.ceil((LIMITS.file_base64_bytes_max * 4) / 3) + MIB,
    preParsing: holdBody(context),
  };
  const answer = async (type: string, request: FastifyRequest, reply: FastifyReply) => {
    let signal: AbortSignal | undefined;
    const answered = await answerCapability(context, {
      session: request.session,
      requestId: request.id,
      type,
      launch: request.headers[LAUNCH_HEADER],
      ...readRequest(request),
      // Few handlers wait long enough to need it, and it is a good part of what a small request costs.
      get signal() {
        signal ??= goneSignal(reply);
        return signal;
      },
      holdFile: (size: number) => holdFile(context, request, reply, size),
    });
    if (answered.kind === 'data') {
      const { data } = answered;
      if (!(data instanceof ContentAnswer)) return { ok: true, data };
      const headers = { [DATA_HEADER]: encodeURIComponent(JSON.stringify(data.data)) };
      return sendContent(context, request, reply, data.file, { inline: false, headers });
    }
    if (answered.wanted) return sendStream(request, reply, answered.events);
    return { ok: true, data: await drain(answered.events) };
  };
  app.post<{ Params: { type: string } }>(`${path}/:type`, guard, (request, reply) =>
    answer(request.params.type, request, reply),
  );
  app.post(`${path}/HANABI_WRITE_FILE`, withFile, (request, reply) => answer('HANABI_WRITE_FILE', request, reply));
}

/** The payload, and the bytes where they are the body and the payload stands in a header. */
function readRequest(request: FastifyRequest): { body: Record<string, unknown>; upload: Readable | undefined } {
  if (!(request.body instanceof Readable)) {
    return { body: (request.body ?? {}) as Record<string, unknown>, upload: undefined };
  }
  const header = request.headers[PAYLOAD_HEADER];
  try {
    const body = JSON.parse(decodeURIComponent(String(header))) as Record<string, unknown>;
    if (typeof body === 'object' && body !== null) return { body, upload: request.body };
  } catch {
    // Said below.
  }
  throw new HanabiError('HANABI-V002', `the header ${PAYLOAD_HEADER} is not a JSON object`);
}

/** Aborted when the one who asked has gone away before the answer was sent. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  events: AsyncGenerator<HanabiEvent, unknown, void>,
): FastifyReply {
  async function* lines(): AsyncGenerator<unknown, void, void> {
    try {
      let step = await events.next();
      for (; !step.done; step = await events.next()) yield { event: step.value };
      yield { ok: true, data: step.value };
    } catch (error) {
      yield { ok: false, error: toHanabiError(error, request).toBody() };
    } finally {
      // Reached early when the reader went away: the handler's own cleaning up has to run.
      await events.return(undefined);
    }
  }
  return sendLines(reply, lines());
}

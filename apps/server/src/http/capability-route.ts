/**
 * Where every capability request ends up: session, launch, declared, granted, well-formed, scoped, and only then the
 * handler. With `stream` the answer is NDJSON: one line an event, and the last line the reply.
 */
import { Readable } from 'node:stream';
import {
  CAPABILITIES,
  CAPABILITY_TYPES,
  type CapabilityRow,
  checkAccess,
  DATA_HEADER,
  DESKTOP_PATHS,
  HanabiError,
  type HanabiEvent,
  isCapabilityType,
  LAUNCH_HEADER,
  LIMITS,
  MIB,
  PAYLOAD_HEADER,
  type ServerCapability,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Call, ContentAnswer } from '../capabilities/call.ts';
import { handlers } from '../capabilities/index.ts';
import type { Context } from '../context.ts';
import { type Caller, resolveScope } from '../scope/resolve.ts';
import { holdBody, holdFile } from './base64-memory.ts';
import { toHanabiError } from './errors.ts';
import { sendContent } from './send-content.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

type Outcome = Promise<unknown> | AsyncGenerator<HanabiEvent, unknown, void>;

const validators = new Map(
  CAPABILITY_TYPES.filter(answeredHere).map((type) => [type, compile(CAPABILITIES[type].payload, 'HANABI-V002')]),
);

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
    if (!isCapabilityType(type) || !answeredHere(type)) throw new HanabiError('HANABI-V003', type.slice(0, 64));
    const row: CapabilityRow = CAPABILITIES[type];
    const caller = await identify(context, request);
    const { body, upload } = readRequest(request);
    if (upload && type !== 'HANABI_WRITE_FILE') throw new HanabiError('HANABI-V002', 'it takes no bytes');
    checkAccess(row, body, caller.rights);
    const payload = validators.get(type)!(body) as Record<string, unknown>;
    const scope = await resolveScope(context, row, payload, caller);
    let signal: AbortSignal | undefined;
    const call = {
      context,
      caller,
      payload,
      scope,
      upload,
      // Few handlers wait long enough to need it, and it is a good part of what a small request costs.
      get signal() {
        signal ??= goneSignal(reply);
        return signal;
      },
      holdFile: (size: number) => holdFile(context, request, reply, size),
    } as unknown as Call<never>;
    const outcome = handlers[type](call) as Outcome;
    if (!isGenerator(outcome)) {
      const data = await outcome;
      if (!(data instanceof ContentAnswer)) return { ok: true, data };
      const headers = { [DATA_HEADER]: encodeURIComponent(JSON.stringify(data.data)) };
      return sendContent(context, request, reply, data.file, { inline: false, headers });
    }
    if (payload['stream'] === true) return sendStream(request, reply, outcome);
    return { ok: true, data: await drain(outcome) };
  };
  app.post<{ Params: { type: string } }>(`${path}/:type`, guard, (request, reply) =>
    answer(request.params.type, request, reply),
  );
  app.post(`${path}/HANABI_WRITE_FILE`, withFile, (request, reply) => answer('HANABI_WRITE_FILE', request, reply));
}

function answeredHere(type: keyof typeof CAPABILITIES): type is ServerCapability {
  return CAPABILITIES[type].home === 'server';
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

async function identify(context: Context, request: FastifyRequest): Promise<Caller> {
  const launchId = request.headers[LAUNCH_HEADER];
  const launch = context.launches.get(typeof launchId === 'string' ? launchId : '', request.session);
  const module = context.registry.get(launch.module_id);
  const { user } = request.session;
  return { user, module, launch, rights: await context.registry.rights(module, user.id) };
}

/** Aborted when the one who asked has gone away before the answer was sent. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function isGenerator(outcome: Outcome): outcome is AsyncGenerator<HanabiEvent, unknown, void> {
  return Symbol.asyncIterator in outcome;
}

async function drain(events: AsyncGenerator<HanabiEvent, unknown, void>): Promise<unknown> {
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
  }
}

function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  events: AsyncGenerator<HanabiEvent, unknown, void>,
): FastifyReply {
  async function* lines(): AsyncGenerator<string, void, void> {
    try {
      let step = await events.next();
      for (; !step.done; step = await events.next()) yield `${JSON.stringify({ event: step.value })}\n`;
      yield `${JSON.stringify({ ok: true, data: step.value })}\n`;
    } catch (error) {
      yield `${JSON.stringify({ ok: false, error: toHanabiError(error, request).toBody() })}\n`;
    } finally {
      // Reached early when the reader went away: the handler's own cleaning up has to run.
      await events.return(undefined);
    }
  }
  reply.header('content-type', 'application/x-ndjson; charset=utf-8');
  reply.header('cache-control', 'no-store');
  return reply.send(Readable.from(lines(), { objectMode: false }));
}

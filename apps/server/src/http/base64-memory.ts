/** Files that travel as base64 are held in memory as a whole; how much of it at a time is bounded, also for one user. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';

/** Of a file that is read: its bytes, their base64, the JSON around it, and that as it is sent. */
const COPIES_OF_FILE = 4;
/** Of a body that holds a file: as it came, parsed, and its bytes. */
const COPIES_OF_BODY = 3;

/** Settles when there is memory for sending a file of that size; it is free again when the answer has been sent. */
export function holdFile(context: Context, request: FastifyRequest, reply: FastifyReply, size: number): Promise<void> {
  return hold(context, request, reply, size * COPIES_OF_FILE);
}

/** The same for the body of a request, before it is read. Bytes that come as they are stay a stream and need none. */
export function holdBody(context: Context) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!request.headers['content-type']?.startsWith('application/json')) return;
    // A body that is sent in chunks may grow as large as any.
    const size = Number(request.headers['content-length'] ?? LIMITS.base64_memory_of_user_bytes_max);
    await hold(context, request, reply, size * COPIES_OF_BODY);
  };
}

async function hold(context: Context, request: FastifyRequest, reply: FastifyReply, bytes: number): Promise<void> {
  const gone = new AbortController();
  const lost = () => gone.abort(new HanabiError('HANABI-Q007'));
  reply.raw.once('close', lost);
  const leave = await context.base64Memory.enter(request.session.user.id, bytes, gone.signal);
  reply.raw.off('close', lost);
  if (reply.raw.closed) leave();
  else reply.raw.once('close', leave);
}

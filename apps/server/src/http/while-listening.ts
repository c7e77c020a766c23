import type { FastifyReply } from 'fastify';

/** Aborted when the one who asked has gone away. */
export function whileListening(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  // Or has gone before anybody asked.
  if (reply.raw.destroyed) gone.abort();
  return gone.signal;
}

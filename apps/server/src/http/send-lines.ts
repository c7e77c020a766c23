import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** Answers with NDJSON: each value a line, as it comes. */
export function sendLines(reply: FastifyReply, values: AsyncGenerator<unknown, void, void>): FastifyReply {
  async function* lines(): AsyncGenerator<string, void, void> {
    for await (const value of values) yield `${JSON.stringify(value)}\n`;
  }
  reply.header('content-type', 'application/x-ndjson; charset=utf-8');
  reply.header('cache-control', 'no-store');
  return reply.send(Readable.from(lines(), { objectMode: false }));
}

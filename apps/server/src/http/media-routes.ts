/** Contents behind a ticket of OPEN_MEDIA, for frames that have no cookie. */
import type { FastifyInstance } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Context } from '../context.ts';
import { redeemMediaTicket } from '../modules/media-tickets.ts';
import { MEDIA_PATH } from './security-headers.ts';
import { sendContent } from './send-content.ts';

/** A frame has an opaque origin, so everything is another origin to it; the ticket is what lets it in. */
const FRAME_HEADERS = {
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, etag',
};

export function mediaRoutes(app: FastifyInstance, context: Context): void {
  const running = new Map<string, Set<ServerResponse>>();
  // A film that plays may take hours to send; when its window or session ends it stops in the middle.
  context.launches.onEnded(({ id }) => {
    for (const answer of running.get(id) ?? []) answer.destroy();
  });

  app.route<{ Params: { ticket: string } }>({
    method: ['GET', 'HEAD'],
    url: `${MEDIA_PATH}:ticket`,
    handler: async (request, reply) => {
      reply.headers(FRAME_HEADERS);
      reply.header('cache-control', 'no-store');
      const { launch, file } = await redeemMediaTicket(context, request.params.ticket);
      remember(running, launch.id, reply.raw);
      const headers = { ...FRAME_HEADERS, 'cache-control': 'private, no-cache' };
      return sendContent(context, request, reply, file, { inline: true, headers });
    },
  });
}

function remember(running: Map<string, Set<ServerResponse>>, launchId: string, answer: ServerResponse): void {
  const answers = running.get(launchId) ?? new Set();
  running.set(launchId, answers.add(answer));
  answer.once('close', () => {
    answers.delete(answer);
    if (answers.size === 0 && running.get(launchId) === answers) running.delete(launchId);
  });
}

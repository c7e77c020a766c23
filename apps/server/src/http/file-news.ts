/** Whatever a request of the desktop did to files, every other desktop of the user looks again. */
import { DESKTOP_PATHS } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { FILE_HEADER } from './upload-routes.ts';

const { folders, files, items, trash, uploads } = DESKTOP_PATHS;
const CHANGING_METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const CHANGING_PATHS = [folders, files, items, trash, uploads];

export function fileNews(app: FastifyInstance, context: Context): void {
  app.addHook('onResponse', async (request, reply) => {
    if (!CHANGING_METHODS.has(request.method) || reply.statusCode >= 300) return;
    const { url = '' } = request.routeOptions;
    if (!CHANGING_PATHS.some((path) => url.startsWith(path))) return;
    // A piece of an upload changes nothing that anybody sees; the last one does.
    if (url.startsWith(uploads) && !reply.hasHeader(FILE_HEADER)) return;
    context.live.filesChanged(request.session.user.id);
  });
}

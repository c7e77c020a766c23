import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { shellHeaders } from './security-headers.ts';

/** The built desktop, from the bundle in apps/server/dist as well as from the sources. */
const WEB_DIST = join(dirname(fileURLToPath(import.meta.url)).replace(/(apps\/server)\/.*$/, '$1'), '../web/dist');

export function shellRoutes(app: FastifyInstance, context: Context): void {
  app.register(fastifyStatic, {
    root: WEB_DIST,
    index: false,
    // Only files that were there at the start have a route: nothing of a request reaches the file system.
    wildcard: false,
    preCompressed: true,
    decorateReply: true,
    // The page itself has one address, which has the walls of the desktop around it.
    globIgnore: ['**/*.html', '**/*.html.*'],
    cacheControl: false,
    setHeaders: (reply, path) => {
      if (path.includes('/assets/')) reply.setHeader('cache-control', 'public, max-age=31536000, immutable');
    },
  });
  app.get('/', (request, reply) => {
    reply.headers(shellHeaders(request, context.config.module_origin));
    return reply.sendFile('index.html');
  });
}

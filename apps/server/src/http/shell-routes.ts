import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { shellHeaders } from './security-headers.ts';

/** The built desktop, from the bundle in apps/server/dist as well as from the sources. */
const WEB_DIST = join(dirname(fileURLToPath(import.meta.url)).replace(/(apps\/server)\/.*$/, '$1'), '../web/dist');

const PAGE = 'index.html';

export function shellRoutes(app: FastifyInstance, context: Context): void {
  const files = filesOf(WEB_DIST);
  app.register(fastifyStatic, {
    root: WEB_DIST,
    index: false,
    // Only what was there at the start: no other path of a request reaches the file system.
    allowedPath: (path) => path === PAGE || files.has(path),
    preCompressed: true,
    decorateReply: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      if (path.includes('/assets/')) reply.setHeader('cache-control', 'public, max-age=31536000, immutable');
    },
  });
  app.get('/', (request, reply) => {
    reply.headers(shellHeaders(request, context.config.module_origin));
    return reply.sendFile(PAGE);
  });
}

/** As requests name them. */
function filesOf(folder: string): ReadonlySet<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name))}`);
  // The page itself has one address, which has the walls of the desktop around it.
  return new Set(paths.filter((path) => !path.startsWith(`/${PAGE}`)));
}

import fastifyCookie from '@fastify/cookie';
import { HanabiError } from '@hanabi/protocol';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { capabilityRoute } from './capability-route.ts';
import { registerErrors } from './errors.ts';
import { fileRoutes } from './file-routes.ts';
import { mediaRoutes } from './media-routes.ts';
import { itemRoutes } from './item-routes.ts';
import { moduleRoutes } from './module-routes.ts';
import { runtimeRoutes } from './runtime-routes.ts';
import { commonHeaders, requestHost } from './security-headers.ts';
import { sessionRoutes } from './session-routes.ts';
import { shellRoutes } from './shell-routes.ts';
import { thumbnailRoutes } from './thumbnail-routes.ts';
import { uploadRoutes } from './upload-routes.ts';

export async function createApp(context: Context): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: context.log,
    // One line per answer, below; the framework's own two double the cost of a request.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIds(),
    // An own "__proto__" in a body is refused outright.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: 2048 },
    requestTimeout: 0,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  registerErrors(app);
  await app.register(fastifyCookie);
  app.addHook('onRequest', async (request, reply) => {
    commonHeaders(reply);
    reply.header('x-request-id', request.id);
    keepOriginsApart(context, requestHost(request), request.url);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    // The route and not the address: addresses hold tickets.
    const line = { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.info(line, 'answered');
  });
  app.get('/healthz', async () => ({ ok: true }));
  sessionRoutes(app, context);
  moduleRoutes(app, context);
  fileRoutes(app, context);
  uploadRoutes(app, context);
  thumbnailRoutes(app, context);
  itemRoutes(app, context);
  capabilityRoute(app, context);
  runtimeRoutes(app, context);
  mediaRoutes(app, context);
  shellRoutes(app, context);
  await app.ready();
  return app;
}

/** Unique without a call for randomness at each request: a random start, then counted. */
function requestIds(): () => string {
  const start = newId().slice(0, 12);
  let count = 0;
  return () => {
    count += 1;
    return `${start}-${count.toString(36)}`;
  };
}

/** Where modules have an origin of their own, it serves nothing but them, and they are served nowhere else. */
function keepOriginsApart(context: Context, host: string, url: string): void {
  const configured = context.config.module_origin;
  if (!configured) return;
  const pattern = configured.replace(/^https?:\/\//, '');
  const isModuleHost = pattern.startsWith('{id}.') ? host.endsWith(pattern.slice('{id}'.length)) : host === pattern;
  const isModulePath = url.startsWith('/runtime/');
  if (isModuleHost !== isModulePath && url !== '/healthz') {
    throw new HanabiError('HANABI-V010', isModulePath ? 'modules have an origin of their own' : undefined);
  }
}

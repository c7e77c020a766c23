import fastifyCookie from '@fastify/cookie';
import fastifyWebsocket from '@fastify/websocket';
import { HanabiError, LIMITS } from '@hanabi/protocol';
import Fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { accountRoutes } from './account-routes.ts';
import { adminRoutes } from './admin-routes.ts';
import { capabilityRoute } from './capability-route.ts';
import { connectionRoutes } from './connection-routes.ts';
import { registerErrors } from './errors.ts';
import { consoleRoutes } from './console-routes.ts';
import { desktopRoutes } from './desktop-routes.ts';
import { entranceRoutes } from './entrance-routes.ts';
import { fileNews } from './file-news.ts';
import { fileRoutes } from './file-routes.ts';
import { boundBody, createGuardedServer } from './guarded-server.ts';
import { jobRoutes } from './job-routes.ts';
import { liveRoute, liveSockets } from './live-route.ts';
import { mediaRoutes } from './media-routes.ts';
import { grantRoutes } from './grant-routes.ts';
import { itemRoutes } from './item-routes.ts';
import { moduleDataRoutes } from './module-data-routes.ts';
import { modulePortalRoutes } from './module-portal-routes.ts';
import { moduleReviewRoutes } from './module-review-routes.ts';
import { moduleRoutes } from './module-routes.ts';
import { moduleStoreRoutes } from './module-store-routes.ts';
import { oidcRoutes } from './oidc-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { noticeRoutes } from './notice-routes.ts';
import { preferenceRoutes } from './preference-routes.ts';
import { runtimeRoutes } from './runtime-routes.ts';
import { commonHeaders, requestHost, requireAllowedHost } from './security-headers.ts';
import { scheduleRoutes } from './schedule-routes.ts';
import { serviceRoutes } from './service-routes.ts';
import { workflowRoutes } from './workflow-routes.ts';
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
    forceCloseConnections: true,
    bodyLimit: LIMITS.request_body_bytes_max,
    serverFactory: (listener) => createGuardedServer(listener),
    trustProxy: context.config.trusted_proxies.length > 0 && context.config.trusted_proxies,
  }) as unknown as FastifyInstance;
  registerErrors(app);
  await app.register(fastifyCookie);
  await app.register(fastifyWebsocket, liveSockets(app, context));
  app.addHook('onRequest', async (request, reply) => {
    commonHeaders(reply);
    reply.header('x-request-id', request.id);
    // About a person, unless a route says otherwise: nobody between here and the browser keeps it.
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    const { url, bodyLimit } = request.routeOptions;
    keepOriginsApart(context, requestHost(request), url ?? '');
    if (bodyLimit <= LIMITS.request_body_bytes_max && hasBody(request))
      boundBody(request.raw, LIMITS.request_body_ms_max);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    // The route and not the address: addresses hold tickets.
    const line = { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
    request.log.info(line, 'answered');
  });
  fileNews(app, context);
  app.get('/healthz', async () => ({ ok: true }));
  sessionRoutes(app, context);
  entranceRoutes(app, context);
  accountRoutes(app, context);
  passkeyRoutes(app, context);
  oidcRoutes(app, context);
  adminRoutes(app, context);
  consoleRoutes(app, context);
  moduleRoutes(app, context);
  grantRoutes(app, context);
  preferenceRoutes(app, context);
  noticeRoutes(app, context);
  desktopRoutes(app, context);
  moduleStoreRoutes(app, context);
  modulePortalRoutes(app, context);
  moduleReviewRoutes(app, context);
  moduleDataRoutes(app, context);
  fileRoutes(app, context);
  uploadRoutes(app, context);
  thumbnailRoutes(app, context);
  itemRoutes(app, context);
  capabilityRoute(app, context);
  jobRoutes(app, context);
  scheduleRoutes(app, context);
  serviceRoutes(app, context);
  workflowRoutes(app, context);
  connectionRoutes(app, context);
  liveRoute(app, context);
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

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/**
 * Where modules have an origin of their own, it serves nothing but them, and they are served nowhere else. The route
 * decides and not the address, which can be spelled in many ways.
 */
function keepOriginsApart({ config }: Context, host: string, route: string): void {
  if (route === '/healthz') return;
  const pattern = config.module_origin?.replace(/^https?:\/\//, '');
  const isModuleHost = pattern !== undefined && isHostOfModules(pattern, host);
  if (!isModuleHost) requireAllowedHost(host, config.allowed_hosts);
  const isModulePath = route.startsWith('/runtime/');
  if (pattern !== undefined && isModuleHost !== isModulePath) {
    throw new HanabiError('HANABI-V010', isModulePath ? 'modules have an origin of their own' : undefined);
  }
}

function isHostOfModules(pattern: string, host: string): boolean {
  return pattern.startsWith('{id}.') ? host.endsWith(pattern.slice('{id}'.length)) : host === pattern;
}

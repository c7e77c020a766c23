/** The pages of modules: read-only assets behind the ticket of a launch, under a policy that lets nothing else in or out. */
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { HanabiError, safeSubpath } from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import mime from 'mime';
import type { Context } from '../context.ts';
import type { InstalledModule } from '../modules/registry.ts';
import { moduleHeaders, moduleOriginOf, requestOrigin, RUNTIME_HEADERS } from './security-headers.ts';
import { SESSION_COOKIE } from './session-guard.ts';

type AssetRequest = FastifyRequest<{ Params: { id: string; '*': string } }>;

export function runtimeRoutes(app: FastifyInstance, context: Context): void {
  app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers(RUNTIME_HEADERS);
    });
    scope.get('/runtime/modules/:id/app/*', (request: AssetRequest, reply) => serveAsset(context, request, reply));
  });
}

async function serveAsset(context: Context, request: AssetRequest, reply: FastifyReply): Promise<FastifyReply> {
  // Who has no ticket is not told whether there is such a module: what is installed is a matter of this desktop.
  const { id, '*': rest } = request.params;
  if (rest.startsWith('~')) {
    const slash = rest.indexOf('/');
    const ticket = rest.slice(1, slash < 0 ? undefined : slash);
    await context.launches.seek({ ticket });
    const launch = context.launches.withTicket(ticket);
    const module = launch?.module_id === id ? context.registry.find(id, launch.user_id) : undefined;
    if (slash < 0 || !launch || !module || launch.module_version !== module.version) {
      throw new HanabiError('HANABI-M002');
    }
    return sendAsset(context, request, reply, { module, path: rest.slice(slash + 1), ticket, userId: launch.user_id });
  }
  const module = context.registry.find(id, '');
  // A frame that went here by itself would run this module's page with its own module's bridge.
  const site = request.headers['sec-fetch-site'];
  const sentByDesktop = site === 'same-origin' || site === 'none';
  if (module?.origin === 'first-party' && (site === undefined || sentByDesktop)) {
    return sendAsset(context, request, reply, { module, path: rest, ticket: undefined, userId: '' });
  }
  return redirectToTicket(context, request, reply, id, sentByDesktop);
}

/** With the cookie of a session that has the module open, the plain address leads to the one with the ticket. */
async function redirectToTicket(
  context: Context,
  request: AssetRequest,
  reply: FastifyReply,
  id: string,
  sentByDesktop: boolean,
): Promise<FastifyReply> {
  const token = request.cookies[SESSION_COOKIE];
  const session = sentByDesktop && token ? await context.sessions.find(token) : undefined;
  if (typeof session !== 'object') throw new HanabiError('HANABI-M003');
  await context.launches.seek({ session_hash: session.token_hash });
  const launch = context.launches.newest(session.token_hash, id);
  if (!launch) throw new HanabiError('HANABI-M003');
  const path = safeAssetPath(request.params['*']).map(encodeURIComponent).join('/');
  return reply.redirect(`/runtime/modules/${id}/app/~${launch.ticket}/${path}`, 302);
}

interface Asset {
  module: InstalledModule;
  path: string;
  ticket: string | undefined;
  /** Whose rights shape the policy; '' for nobody in particular. */
  userId: string;
}

async function sendAsset(
  context: Context,
  request: AssetRequest,
  reply: FastifyReply,
  { module, path, ticket, userId }: Asset,
): Promise<FastifyReply> {
  const { file, size_bytes } = await findAsset(module, path);
  const configured = context.config.module_origin;
  const origin = configured ? moduleOriginOf(configured, module.id) : requestOrigin(request);
  const base = `${origin}/runtime/modules/${module.id}/app/${ticket ? `~${ticket}/` : ''}`;
  reply.headers(moduleHeaders(base, module.manifest, await context.registry.rights(module, userId)));
  const type = mime.getType(file) ?? 'application/octet-stream';
  reply.header('content-type', type.startsWith('text/') ? `${type}; charset=utf-8` : type);
  reply.header('content-length', size_bytes);
  return reply.send(createReadStream(file));
}

/** Where an asset lies; HANABI-M004 if the package has none at this path. */
export async function findAsset(module: InstalledModule, path: string): Promise<{ file: string; size_bytes: number }> {
  const file = join(module.package_dir, ...safeAssetPath(path));
  // An installed package holds plain files only; whatever else appeared there is not served.
  const stats = await lstat(file).catch(() => undefined);
  if (!stats?.isFile()) throw new HanabiError('HANABI-M004', path.slice(0, 200));
  return { file, size_bytes: stats.size };
}

function safeAssetPath(path: string): string[] {
  try {
    const parts = safeSubpath(path);
    if (parts.length > 0 && !parts.some((part) => part.startsWith('.') || part.startsWith('~'))) return parts;
  } catch {
    // Said below: what cannot be a path is no asset.
  }
  throw new HanabiError('HANABI-M004');
}

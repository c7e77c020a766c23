/** Who sends a request, and whether it comes from the desktop: session cookie, origin, CSRF token. */
import { CSRF_HEADER, HanabiError, LIMITS } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type LiveSession, sameToken } from '../accounts/sessions.ts';
import type { Context } from '../context.ts';
import { requestHost } from './security-headers.ts';

export const SESSION_COOKIE = 'hanabi_session';
/** Who has signed in with this browser before; see `KnownDevices`. */
export const DEVICES_COOKIE = 'hanabi_devices';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireSession`. */
    session: LiveSession;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site, or a module's opaque frame, sent. SameSite cookies are no defence (one browser sends
 * even strict ones from sandboxed frames), so origin and token decide.
 */
export function requireSameOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  const typedByUser = site === 'none' && SAFE_METHODS.has(request.method);
  if (site !== undefined && site !== 'same-origin' && !typedByUser) throw new HanabiError('HANABI-A005');
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (origin.replace(/^https?:\/\//, '').toLowerCase() !== requestHost(request)) throw new HanabiError('HANABI-A005');
}

export function requireAdmin(context: Context) {
  const session = requireSession(context);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    await session(request, reply);
    if (request.session.user.role !== 'admin') throw new HanabiError('HANABI-A006');
  };
}

/** For what decides over an account: HANABI-A010 when the person has not shown for a while that it is them. */
export function requireConfirmed({ session }: FastifyRequest): void {
  if (Date.now() > session.confirmed_ms + LIMITS.confirmation_ms) throw new HanabiError('HANABI-A010');
}

/** The session of a cookie’s value, or HANABI-A001 or A004. */
export async function liveSession({ sessions }: Context, token: string | undefined): Promise<LiveSession> {
  if (!token) throw new HanabiError('HANABI-A001');
  const session = await sessions.find(token);
  if (session === 'unknown') throw new HanabiError('HANABI-A004');
  if (session === 'expired') throw new HanabiError('HANABI-A004', 'it was not used for a long time');
  return session;
}

export function requireSession(context: Context) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    requireSameOrigin(request);
    const session = await liveSession(context, request.cookies[SESSION_COOKIE]);
    if (!SAFE_METHODS.has(request.method) && !sameToken(request.headers[CSRF_HEADER], session.csrf_token)) {
      throw new HanabiError('HANABI-A005', 'the CSRF token is missing or wrong');
    }
    request.session = session;
  };
}

/** Who sends a request, and whether it comes from the desktop: session cookie, origin, CSRF token. */
import { CSRF_HEADER, HanabiError } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type LiveSession, sameToken } from '../accounts/sessions.ts';
import type { Context } from '../context.ts';
import { requestHost } from './security-headers.ts';

export const SESSION_COOKIE = 'hanabi_session';

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

export function requireSession(context: Context) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    requireSameOrigin(request);
    const token = request.cookies[SESSION_COOKIE];
    if (!token) throw new HanabiError('HANABI-A001');
    const session = await context.sessions.find(token);
    if (session === 'unknown') throw new HanabiError('HANABI-A004');
    if (session === 'expired') throw new HanabiError('HANABI-A004', 'it was not used for a long time');
    if (!SAFE_METHODS.has(request.method) && !sameToken(request.headers[CSRF_HEADER], session.csrf_token)) {
      throw new HanabiError('HANABI-A005', 'the CSRF token is missing or wrong');
    }
    request.session = session;
  };
}

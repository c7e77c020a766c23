/** The end of every way in: a fresh session, its cookie, and a note in the browser that this person knows it. */
import { DESKTOP_PATHS, LIMITS, type Session, type SignInWay } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nameKey } from '../accounts/names.ts';
import type { LiveSession } from '../accounts/sessions.ts';
import type { UserRow } from '../accounts/users.ts';
import { type Context, sandboxStatus } from '../context.ts';
import { DEVICES_COOKIE, SESSION_COOKIE } from './session-guard.ts';

export async function beginSession(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  user: UserRow,
  way: SignInWay,
): Promise<Session> {
  await endPresent(context, request);
  const user_agent = request.headers['user-agent'] ?? '';
  const { token, session } = await context.sessions.create(user, { way, user_agent, address: request.ip });
  const cookie = { httpOnly: true, sameSite: 'strict', secure: isSecure(request) } as const;
  reply.setCookie(SESSION_COOKIE, token, { ...cookie, path: '/' });
  const notes = context.knownDevices.remember(request.cookies[DEVICES_COOKIE], nameKey(user.name));
  reply.setCookie(DEVICES_COOKIE, notes, {
    ...cookie,
    path: DESKTOP_PATHS.session,
    maxAge: LIMITS.known_device_ms / 1000,
  });
  return describeSession(context, session);
}

/** Whoever signs in leaves the session that the browser had: nobody could end it there any more. */
async function endPresent(context: Context, request: FastifyRequest): Promise<void> {
  const token = request.cookies[SESSION_COOKIE];
  const present = token === undefined ? 'unknown' : await context.sessions.find(token);
  if (typeof present === 'object') await context.sessions.end(present.token_hash);
}

export async function describeSession(context: Context, session: LiveSession): Promise<Session> {
  const { id, name, role, root_folder_id } = session.user;
  const { backend, ready, note } = await sandboxStatus(context);
  return {
    user: { id, name, role },
    csrf_token: session.csrf_token,
    root_folder_id,
    preferences: await context.preferences.of(id),
    sandbox: { backend, ready, note },
  };
}

function isSecure(request: FastifyRequest): boolean {
  return request.headers['x-forwarded-proto'] === 'https';
}

import { DESKTOP_PATHS, LIMITS, type Session, SignIn } from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveSession } from '../accounts/sessions.ts';
import { type Context, sandboxStatus } from '../context.ts';
import { requireSameOrigin, requireSession, SESSION_COOKIE } from './session-guard.ts';
import { compile } from './validate.ts';

const checkSignIn = compile(SignIn, 'HANABI-V008');

export function sessionRoutes(app: FastifyInstance, context: Context): void {
  const { session: path } = DESKTOP_PATHS;

  app.post(path, { bodyLimit: LIMITS.sign_in_body_bytes_max }, async (request, reply) => {
    requireSameOrigin(request);
    const { name, password } = checkSignIn(request.body);
    const user = await context.signIns.signIn(request.ip, name, password);
    const { token, session } = await context.sessions.create(user);
    setCookie(request, reply, token);
    return describeSession(context, session);
  });

  app.get(path, { onRequest: requireSession(context) }, (request) => describeSession(context, request.session));

  app.delete(path, { onRequest: requireSession(context) }, async (request, reply) => {
    const { token_hash } = request.session;
    context.launches.sessionEnded(token_hash);
    await context.sessions.end(token_hash);
    reply.clearCookie(SESSION_COOKIE, { path: '/' });
    return reply.code(204).send();
  });
}

function setCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  const secure = request.headers['x-forwarded-proto'] === 'https';
  reply.setCookie(SESSION_COOKIE, token, { path: '/', httpOnly: true, sameSite: 'strict', secure });
}

async function describeSession(context: Context, session: LiveSession): Promise<Session> {
  const { id, name, role, root_folder_id } = session.user;
  const { backend, ready, note } = await sandboxStatus(context);
  return {
    user: { id, name, role },
    csrf_token: session.csrf_token,
    root_folder_id,
    sandbox: { backend, ready, note },
  };
}

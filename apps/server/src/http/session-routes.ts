import { DESKTOP_PATHS, HanabiError, type Session, SignIn } from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveSession } from '../accounts/sessions.ts';
import { type Context, sandboxStatus } from '../context.ts';
import { requireSameOrigin, requireSession, SESSION_COOKIE } from './session-guard.ts';
import { compile } from './validate.ts';

const checkSignIn = compile(SignIn, 'HANABI-V008');

export function sessionRoutes(app: FastifyInstance, context: Context): void {
  const { session: path } = DESKTOP_PATHS;

  app.post(path, async (request, reply) => {
    requireSameOrigin(request);
    const { name, password } = checkSignIn(request.body);
    // By address and name, so that one who guesses does not lock out the others behind the same router.
    const key = `${request.ip} ${name}`;
    if (context.failures.blocked(key)) throw new HanabiError('HANABI-A003');
    const user = await context.users.authenticate(name, password);
    if (!user) {
      context.failures.failed(key);
      throw new HanabiError('HANABI-A002');
    }
    context.failures.succeeded(key);
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

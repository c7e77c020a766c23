/** Signing in and out. */
import { DESKTOP_PATHS, HanabiError, LIMITS, SignIn } from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UserRow } from '../accounts/users.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { beginSession, describeSession } from './begin-session.ts';
import { DEVICES_COOKIE, liveSession, requireSameOrigin, requireSession, SESSION_COOKIE } from './session-guard.ts';
import { compile } from './validate.ts';

const checkSignIn = compile(SignIn, 'HANABI-V008');

export function sessionRoutes(app: FastifyInstance, context: Context): void {
  const { session: path } = DESKTOP_PATHS;

  app.post(path, { bodyLimit: LIMITS.sign_in_body_bytes_max }, async (request, reply) => {
    requireSameOrigin(request);
    const proof = checkSignIn(request.body);
    const user = await prove(context, request, proof);
    const session = await beginSession(context, request, reply, user, 'password');
    await audited(context, request, { event: 'sign-in', actor: user.name, detail: 'password' });
    return session;
  });

  // Every page begins with this question, so that nobody is signed in is an answer; that a session ended is an error.
  app.get(path, async (request, reply) => {
    requireSameOrigin(request);
    const token = request.cookies[SESSION_COOKIE];
    if (!token) return reply.type('application/json').send('null');
    return describeSession(context, await liveSession(context, token));
  });

  app.delete(path, { onRequest: requireSession(context) }, async (request, reply) => {
    await context.sessions.end(request.session.token_hash);
    await audited(context, request, { event: 'sign-out' });
    reply.clearCookie(SESSION_COOKIE, { path: '/' });
    return reply.code(204).send();
  });
}

/** The user whom the proof belongs to. What fails is on record, but for what was not looked at because it was too much. */
export async function prove(context: Context, request: FastifyRequest, proof: SignIn): Promise<UserRow> {
  try {
    const device_notes = request.cookies[DEVICES_COOKIE];
    return await context.signIns.signIn({ ...proof, ip: request.ip, device_notes });
  } catch (error) {
    const code = error instanceof HanabiError ? error.code : undefined;
    if (code === 'HANABI-A002' || code === 'HANABI-A009') {
      // Of names that there are not, none is kept: some people type their password there.
      const subject = (await context.users.byName(proof.name))?.name ?? '';
      await audited(context, request, { event: 'sign-in', outcome: 'refused', subject, detail: code });
    }
    throw error;
  }
}

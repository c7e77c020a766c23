/** Passkeys: made and removed by who is signed in, used to sign in and to confirm. */
import { AddPasskey, DESKTOP_PATHS, HanabiError, LIMITS, UsePasskey } from '@hanabi/protocol';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Place } from '../accounts/passkeys.ts';
import type { UserRow } from '../accounts/users.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { beginSession } from './begin-session.ts';
import { requestHost } from './security-headers.ts';
import { requireConfirmed, requireSameOrigin, requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkAdd = compile(AddPasskey, 'HANABI-V008');
const checkUse = compile(UsePasskey, 'HANABI-V008');

export function passkeyRoutes(app: FastifyInstance, context: Context): void {
  const { account, entrance, session } = DESKTOP_PATHS;
  const { passkeys, sessions } = context;
  const bodyLimit = LIMITS.passkey_body_bytes_max;
  const guard = { onRequest: requireSession(context), bodyLimit };

  app.post(`${account}/passkeys/begin`, guard, async (request) => {
    requireConfirmed(request);
    return passkeys.creation(request.session.user, placeOf(request));
  });

  app.post(`${account}/passkeys`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { name, answer } = checkAdd(request.body);
    const { user } = request.session;
    await passkeys.add(user, placeOf(request), name, answer as unknown as RegistrationResponseJSON);
    await audited(context, request, { event: 'passkey.add', subject: user.name, detail: name });
    return reply.code(204).send();
  });

  app.delete<{ Params: { id: string } }>(`${account}/passkeys/:id`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { user } = request.session;
    if (!(await passkeys.remove(user.id, request.params.id))) throw new HanabiError('HANABI-A015');
    await audited(context, request, { event: 'passkey.remove', subject: user.name });
    return reply.code(204).send();
  });

  app.post(`${entrance}/passkey`, (request) => {
    requireSameOrigin(request);
    return passkeys.request(placeOf(request));
  });

  app.post(`${session}/passkey`, { bodyLimit }, async (request, reply) => {
    requireSameOrigin(request);
    const user = await prove(context, request);
    await audited(context, request, { event: 'sign-in', actor: user.name, detail: 'passkey' });
    return beginSession(context, request, reply, user, 'passkey');
  });

  app.post(`${account}/confirm/passkey`, guard, async (request, reply) => {
    const user = await prove(context, request);
    if (user.id !== request.session.user.id) throw new HanabiError('HANABI-A016');
    await sessions.confirm(request.session);
    await audited(context, request, { event: 'confirm', detail: 'passkey' });
    return reply.code(204).send();
  });
}

async function prove(context: Context, request: FastifyRequest): Promise<UserRow> {
  const { answer } = checkUse(request.body);
  try {
    const response = answer as unknown as AuthenticationResponseJSON;
    return await context.passkeys.signIn(request.ip, placeOf(request), response);
  } catch (error) {
    if (error instanceof HanabiError && error.code === 'HANABI-A016') {
      await audited(context, request, { event: 'sign-in', outcome: 'refused', detail: 'passkey' });
    }
    throw error;
  }
}

/** Browsers use passkeys only over TLS, or on this very machine; which of the two it is, is theirs to decide. */
function placeOf(request: FastifyRequest): Place {
  const host = requestHost(request);
  return { host: host.replace(/:\d+$/, ''), origins: [`https://${host}`, `http://${host}`] };
}

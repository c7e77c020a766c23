/** What people do with their own account. Whatever decides over it asks for a fresh proof of who they are. */
import {
  type Account,
  ChangePassword,
  Confirm,
  DESKTOP_PATHS,
  HanabiError,
  LIMITS,
  type RecoveryCodes,
  TotpCode,
  type TotpSetup,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkPassword } from '../accounts/passwords.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { requireConfirmed, requireSession } from './session-guard.ts';
import { prove } from './session-routes.ts';
import { compile } from './validate.ts';

const checkConfirm = compile(Confirm, 'HANABI-V008');
const checkChange = compile(ChangePassword, 'HANABI-V008');
const checkCode = compile(TotpCode, 'HANABI-V008');

export function accountRoutes(app: FastifyInstance, context: Context): void {
  const { account: path } = DESKTOP_PATHS;
  const { secondFactors, sessions, users } = context;
  const guard = { onRequest: requireSession(context), bodyLimit: LIMITS.sign_in_body_bytes_max };

  app.get(path, guard, (request) => describeAccount(context, request));

  app.post(`${path}/confirm`, guard, async (request, reply) => {
    const { user } = request.session;
    const proved = await prove(context, request, { name: user.name, ...checkConfirm(request.body) });
    if (proved.id !== user.id) throw new HanabiError('HANABI-A002');
    await sessions.confirm(request.session);
    await audited(context, request, { event: 'confirm' });
    return reply.code(204).send();
  });

  app.put(`${path}/password`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { password } = checkChange(request.body);
    const { user, token_hash } = request.session;
    checkPassword(password, user.name);
    await context.signIns.hashing(request.ip, () => users.setPassword(user.id, password));
    // Whoever knew the old one is out.
    await sessions.endAll(user.id, token_hash);
    await audited(context, request, { event: 'password.change', subject: user.name });
    return reply.code(204).send();
  });

  app.delete<{ Params: { id: string } }>(`${path}/sessions/:id`, guard, async (request, reply) => {
    const { user } = request.session;
    if (!(await sessions.endListed(user.id, request.params.id))) throw new HanabiError('HANABI-A015');
    await audited(context, request, { event: 'session.end', subject: user.name });
    return reply.code(204).send();
  });

  app.delete(`${path}/sessions`, guard, async (request, reply) => {
    const { user, token_hash } = request.session;
    const count = await sessions.endAll(user.id, token_hash);
    await audited(context, request, { event: 'session.end', subject: user.name, detail: `${count} others` });
    return reply.code(204).send();
  });

  app.post(`${path}/totp`, guard, async (request): Promise<TotpSetup> => {
    requireConfirmed(request);
    return secondFactors.prepare(request.session.user);
  });

  app.put(`${path}/totp`, guard, async (request): Promise<RecoveryCodes> => {
    requireConfirmed(request);
    const { user } = request.session;
    const codes = await secondFactors.activate(user, checkCode(request.body).code);
    await audited(context, request, { event: 'second-factor.on', subject: user.name, detail: 'totp' });
    return { codes };
  });

  app.delete(`${path}/totp`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { user } = request.session;
    await secondFactors.turnOff(user.id);
    await audited(context, request, { event: 'second-factor.off', subject: user.name, detail: 'totp' });
    return reply.code(204).send();
  });

  app.post(`${path}/recovery-codes`, guard, async (request): Promise<RecoveryCodes> => {
    requireConfirmed(request);
    const { user } = request.session;
    if (!(await secondFactors.isOn(user.id))) throw new HanabiError('HANABI-V008', 'there is no authenticator app');
    const codes = await secondFactors.newCodes(user.id);
    await audited(context, request, { event: 'recovery-codes.new', subject: user.name });
    return { codes };
  });
}

async function describeAccount(context: Context, { session }: FastifyRequest): Promise<Account> {
  const { user, token_hash, confirmed_ms } = session;
  const until = confirmed_ms + LIMITS.confirmation_ms;
  const [totp, codesLeft, passkeys, identities, sessions] = await Promise.all([
    context.secondFactors.isOn(user.id),
    context.secondFactors.codesLeft(user.id),
    context.passkeys.listed(user.id),
    context.identities.listed(user.id),
    context.sessions.listed(user.id, token_hash),
  ]);
  return {
    name: user.name,
    role: user.role,
    created_at: user.created_at,
    has_password: user.password_hash !== '',
    totp,
    recovery_codes_left: codesLeft,
    passkeys,
    identities,
    oidc_name: context.oidc?.settings.name ?? null,
    confirmed_until: until > Date.now() ? new Date(until).toISOString() : null,
    sessions,
  };
}

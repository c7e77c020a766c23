/** What may be done before there is a session: look at an invitation, sign up, choose a new password. */
import {
  DESKTOP_PATHS,
  HanabiError,
  InvitationOpened,
  LIMITS,
  LookAtInvitation,
  ResetPassword,
  type SignInOptions,
  SignUp,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Attempts } from '../accounts/attempts.ts';
import { checkName } from '../accounts/names.ts';
import { checkPassword } from '../accounts/passwords.ts';
import { addressKey } from '../accounts/sign-in-meter.ts';
import type { UserRow } from '../accounts/users.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { beginSession } from './begin-session.ts';
import { requireSameOrigin } from './session-guard.ts';
import { compile } from './validate.ts';

const checkLook = compile(LookAtInvitation, 'HANABI-V008');
const checkSignUp = compile(SignUp, 'HANABI-V008');
const checkReset = compile(ResetPassword, 'HANABI-V008');

export function entranceRoutes(app: FastifyInstance, context: Context): void {
  const { entrance: path } = DESKTOP_PATHS;
  const { invitations, users } = context;
  const small = { bodyLimit: LIMITS.sign_in_body_bytes_max };
  const remembered = LIMITS.sign_in_failures_remembered_max;
  const tries = new Attempts(60_000, remembered);
  const signUps = new Attempts(3600 * 1000, remembered);
  /** Tokens that do not work are counted, so that none can be looked for. */
  const entering = async <T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> => {
    requireSameOrigin(request);
    const takeBack = tries.count([[addressKey(request.ip), LIMITS.invitations_tried_of_address_per_minute_max]]);
    try {
      const result = await work();
      takeBack();
      return result;
    } catch (error) {
      if (!(error instanceof HanabiError && error.code === 'HANABI-A007')) takeBack();
      throw error;
    }
  };

  app.get(path, (request): SignInOptions => {
    requireSameOrigin(request);
    return { open_sign_up: context.config.sign_up === 'open', oidc_name: context.oidc?.settings.name ?? null };
  });

  app.post(`${path}/invitation`, small, (request) =>
    entering(request, async (): Promise<InvitationOpened> => {
      const { kind, user_id, role, expires_at } = await invitations.find(checkLook(request.body).token);
      const name = user_id === null ? null : ((await users.byId(user_id))?.name ?? null);
      return { kind, name, role, expires_at };
    }),
  );

  app.post(`${path}/account`, small, async (request, reply) => {
    const wish = checkSignUp(request.body);
    const user = await entering(request, () => signUp(context, request, signUps, wish));
    const detail = wish.token === undefined ? 'open' : 'invitation';
    await audited(context, request, { event: 'account.create', actor: user.name, subject: user.name, detail });
    return beginSession(context, request, reply, user, 'invitation');
  });

  app.post(`${path}/password`, small, async (request, reply) => {
    const { name } = await entering(request, () => resetPassword(context, request));
    await audited(context, request, { event: 'password.reset', actor: name, subject: name });
    // Not signed in by it: the second factor is asked for as always.
    return reply.code(204).send();
  });
}

async function signUp(context: Context, request: FastifyRequest, made: Attempts, wish: SignUp): Promise<UserRow> {
  const { token, password } = wish;
  const name = checkName(wish.name);
  checkPassword(password, name);
  if (token === undefined && context.config.sign_up !== 'open') throw new HanabiError('HANABI-A007');
  const notMade = made.count([[addressKey(request.ip), LIMITS.sign_ups_of_address_per_hour_max]]);
  try {
    return await context.signIns.hashing(request.ip, () => makeAccount(context, { token, name, password }));
  } catch (error) {
    notMade();
    throw error;
  }
}

/** The account that an invitation or an open door makes. */
async function makeAccount({ invitations, users }: Context, { token, name, password }: SignUp): Promise<UserRow> {
  if (token === undefined) return users.create(name, password, 'user');
  const row = await invitations.find(token);
  if (row.kind !== 'sign-up') throw new HanabiError('HANABI-A007');
  if (await users.byName(name)) throw new HanabiError('HANABI-A011');
  // Of two who use it at once one gets it; a name that somebody else took in this moment gives it back.
  if (!(await invitations.take(row.id))) throw new HanabiError('HANABI-A007');
  try {
    return await users.create(name, password, row.role, row.storage_limit_bytes);
  } catch (error) {
    await invitations.putBack(row);
    throw error;
  }
}

async function resetPassword(context: Context, request: FastifyRequest): Promise<UserRow> {
  const { invitations, users, sessions, signIns } = context;
  const { token, password } = checkReset(request.body);
  const row = await invitations.find(token);
  const user = row.kind === 'reset' ? await users.byId(row.user_id!) : undefined;
  if (!user) throw new HanabiError('HANABI-A007');
  checkPassword(password, user.name);
  if (!(await invitations.take(row.id))) throw new HanabiError('HANABI-A007');
  await signIns.hashing(request.ip, () => users.setPassword(user.id, password));
  await sessions.endAll(user.id);
  return user;
}

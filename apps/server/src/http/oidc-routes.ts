/** Signing in through another service, and connecting an account there with one here. */
import { BeginOidc, DESKTOP_PATHS, HanabiError, LIMITS, type OidcBegun } from '@hanabi/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Attempts } from '../accounts/attempts.ts';
import type { Identity } from '../accounts/identities.ts';
import { checkName } from '../accounts/names.ts';
import type { Oidc } from '../accounts/oidc.ts';
import { addressKey } from '../accounts/sign-in-meter.ts';
import type { UserRow } from '../accounts/users.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { beginSession } from './begin-session.ts';
import { requestOrigin } from './security-headers.ts';
import { requireConfirmed, requireSameOrigin, requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkBegin = compile(BeginOidc, 'HANABI-V008');
const COOKIE = 'hanabi_oidc';
/** Names that are tried for a new account, whose own is taken. */
const NAMES_MAX = 20;

export function oidcRoutes(app: FastifyInstance, context: Context): void {
  const { oidc: path, account } = DESKTOP_PATHS;
  const { oidc, identities } = context;
  const guard = requireSession(context);
  const begun = new Attempts(60_000, LIMITS.sign_in_failures_remembered_max);

  app.delete<{ Params: { id: string } }>(`${account}/identities/:id`, { onRequest: guard }, async (request, reply) => {
    requireConfirmed(request);
    const { user } = request.session;
    await identities.remove(user, request.params.id);
    await audited(context, request, { event: 'identity.remove', subject: user.name });
    return reply.code(204).send();
  });

  if (!oidc) return;

  app.post(`${path}/begin`, async (request, reply): Promise<OidcBegun> => {
    requireSameOrigin(request);
    const { purpose } = checkBegin(request.body);
    let session_hash: string | null = null;
    if (purpose === 'link') {
      await guard(request, reply);
      requireConfirmed(request);
      session_hash = request.session.token_hash;
    }
    begun.count([[addressKey(request.ip), LIMITS.oidc_begun_of_address_per_minute_max]]);
    const { url, sealed } = await oidc.begin(`${requestOrigin(request)}${path}/return`, session_hash);
    // Lax and not strict: the browser comes back from another site.
    const secure = request.headers['x-forwarded-proto'] === 'https';
    const maxAge = LIMITS.oidc_ms_max / 1000;
    reply.setCookie(COOKIE, sealed, { path, httpOnly: true, sameSite: 'lax', secure, maxAge });
    return { url };
  });

  app.get(`${path}/return`, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    reply.clearCookie(COOKIE, { path });
    try {
      await finish(context, oidc, request, reply);
      return await reply.redirect('/', 303);
    } catch (error) {
      const known = error instanceof HanabiError ? error.code : 'HANABI-A017';
      if (!(error instanceof HanabiError)) request.log.error({ err: error }, 'request failed');
      await audited(context, request, { event: 'sign-in', outcome: 'refused', detail: `oidc ${known}` });
      return reply.redirect(`/#failed=${known}`, 303);
    }
  });
}

async function finish(context: Context, oidc: Oidc, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const query = request.url.split('?')[1] ?? '';
  const { identity, session_hash } = await oidc.finish(query, request.cookies[COOKIE]);
  if (session_hash !== null) return link(context, request, identity, session_hash);
  const user = await userOf(context, oidc, request, identity);
  await audited(context, request, { event: 'sign-in', actor: user.name, detail: `oidc ${identity.issuer}` });
  await beginSession(context, request, reply, user, 'oidc');
}

/** The session that asked for it says whose account it is: its own cookie does not come along from another site. */
async function link(
  context: Context,
  request: FastifyRequest,
  identity: Identity,
  session_hash: string,
): Promise<void> {
  const user = await context.sessions.withHash(session_hash);
  if (!user) throw new HanabiError('HANABI-A004');
  await context.identities.add(user, identity);
  const detail = `${identity.issuer} ${identity.name}`;
  await audited(context, request, { event: 'identity.add', actor: user.name, subject: user.name, detail });
}

/** Found by what the service vouches for, and never by a name or an address, which others can have there. */
async function userOf(context: Context, oidc: Oidc, request: FastifyRequest, identity: Identity): Promise<UserRow> {
  const { users, identities } = context;
  const known = await identities.use(identity);
  if (known !== undefined) {
    const user = await users.byId(known);
    if (user?.disabled_at !== null) throw new HanabiError('HANABI-A018');
    return user;
  }
  if (!oidc.settings.sign_up) throw new HanabiError('HANABI-A018');
  const user = await users.create(await freeName(context, identity.name), undefined, 'user');
  await identities.add(user, identity);
  const about = { actor: user.name, subject: user.name, detail: `oidc ${identity.issuer}` };
  await audited(context, request, { event: 'account.create', ...about });
  return user;
}

async function freeName({ users }: Context, wanted: string): Promise<string> {
  let name = 'user';
  try {
    name = checkName(wanted.split('@')[0]!.slice(0, LIMITS.user_name_chars_max - 3));
  } catch {
    // The service lets people have names that we do not.
  }
  for (let number = 1; number <= NAMES_MAX; number += 1) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!(await users.byName(candidate))) return candidate;
  }
  throw new HanabiError('HANABI-A011');
}

/** What administrators do with the accounts of others. */
import {
  type AdminUser,
  ChangeUser,
  DESKTOP_PATHS,
  HanabiError,
  Invite,
  type Invitation,
  LIMITS,
  type NewInvitation,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { InvitationRow } from '../accounts/invitations.ts';
import { listUsers } from '../accounts/list-users.ts';
import type { UserRow } from '../accounts/users.ts';
import type { AuditEventName } from '../audit.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { requireAdmin, requireConfirmed } from './session-guard.ts';
import { compile } from './validate.ts';

const checkChange = compile(ChangeUser, 'HANABI-V008');
const checkInvite = compile(Invite, 'HANABI-V008');

type ById = { Params: { id: string } };

export function adminRoutes(app: FastifyInstance, context: Context): void {
  const path = DESKTOP_PATHS.admin;
  const { db, users, sessions, invitations } = context;
  const guard = { onRequest: requireAdmin(context), bodyLimit: LIMITS.sign_in_body_bytes_max };
  const named = async (id: string): Promise<UserRow> => {
    const user = await users.byId(id);
    if (!user) throw new HanabiError('HANABI-A015');
    return user;
  };

  app.get(`${path}/users`, guard, async (): Promise<{ users: AdminUser[] }> => ({ users: await listUsers(db) }));

  app.patch<ById>(`${path}/users/:id`, guard, async (request, reply) => {
    requireConfirmed(request);
    const change = checkChange(request.body);
    const before = await named(request.params.id);
    const after = await users.change(before.id, change);
    if (after.disabled_at !== null) {
      await sessions.endAll(after.id);
      // Jobs of theirs that run are looked at once more.
      context.registry.rightsChanged();
    }
    // Sessions hold the user as it was.
    await sessions.refresh();
    context.signals.tell('accounts');
    for (const [event, detail] of changesOf(before, after)) {
      await audited(context, request, { event, subject: after.name, detail });
    }
    return reply.code(204).send();
  });

  app.delete<ById>(`${path}/users/:id/sessions`, guard, async (request, reply) => {
    const user = await named(request.params.id);
    const count = await sessions.endAll(user.id);
    await audited(context, request, { event: 'session.end', subject: user.name, detail: `${count}` });
    return reply.code(204).send();
  });

  app.delete<ById>(`${path}/users/:id/totp`, guard, async (request, reply) => {
    requireConfirmed(request);
    const user = await named(request.params.id);
    await context.secondFactors.turnOff(user.id);
    await audited(context, request, { event: 'second-factor.off', subject: user.name, detail: 'by an administrator' });
    return reply.code(204).send();
  });

  app.post<ById>(`${path}/users/:id/reset`, guard, async (request, reply) => {
    requireConfirmed(request);
    const user = await named(request.params.id);
    const { row, token } = await invitations.reset(user, request.session.user.id);
    await audited(context, request, { event: 'password.reset-link', subject: user.name });
    return reply.code(201).send({ ...described(row, user.name), token } satisfies NewInvitation);
  });

  app.get(`${path}/invitations`, guard, async (): Promise<{ invitations: Invitation[] }> => {
    const rows = await invitations.open();
    const all = rows.map(async (row) => described(row, row.user_id && ((await users.byId(row.user_id))?.name ?? '')));
    return { invitations: await Promise.all(all) };
  });

  app.post(`${path}/invitations`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { role, storage_limit_bytes = null, note = '' } = checkInvite(request.body);
    const { row, token } = await invitations.create({
      role,
      storage_limit_bytes,
      note,
      created_by: request.session.user.id,
    });
    await audited(context, request, { event: 'invitation.create', detail: `${role} ${note}`.trim() });
    return reply.code(201).send({ ...described(row, null), token } satisfies NewInvitation);
  });

  app.delete<ById>(`${path}/invitations/:id`, guard, async (request: FastifyRequest<ById>, reply) => {
    if (!(await invitations.take(request.params.id))) throw new HanabiError('HANABI-A007');
    await audited(context, request, { event: 'invitation.withdraw' });
    return reply.code(204).send();
  });
}

function described({ id, kind, role, note, created_at, expires_at }: InvitationRow, user: string | null): Invitation {
  return { id, kind, role, user, note, created_at, expires_at };
}

function* changesOf(before: UserRow, after: UserRow): Generator<[AuditEventName, string]> {
  if (before.role !== after.role) yield ['account.role', `${before.role} → ${after.role}`];
  if (before.disabled_at === null && after.disabled_at !== null) yield ['account.disable', ''];
  if (before.disabled_at !== null && after.disabled_at === null) yield ['account.enable', ''];
  if (before.storage_limit_bytes !== after.storage_limit_bytes) {
    yield ['account.quota', `${after.storage_limit_bytes ?? 'the setting of the server'}`];
  }
}

/** Who may publish, and who decides. */
import { HanabiError } from '@hanabi/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UserRow } from '../accounts/users.ts';
import type { Context } from '../context.ts';
import { requireSession } from './session-guard.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireRole` and `requirePublisher`. */
    person: UserRow;
  }
}

const RANKS = { user: 0, developer: 1, admin: 2 } as const;

/** A session of somebody with at least this role, or HANABI-M014. */
export function requireRole(context: Context, role: UserRow['role']) {
  const session = requireSession(context);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    await session(request, reply);
    request.person = request.session.user;
    requireRank(request.person, role);
  };
}

/** The session of a developer, or a key for publishing. A key is sent on purpose, so there is nothing to forge. */
export function requirePublisher(context: Context) {
  const session = requireRole(context, 'developer');
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined) return session(request, reply);
    const person = await context.publishKeys.userOf(key);
    if (!person) throw new HanabiError('HANABI-A004', 'the key for publishing is not known');
    requireRank(person, 'developer');
    request.person = person;
  };
}

function requireRank({ role }: UserRow, wanted: UserRow['role']): void {
  if (RANKS[role] < RANKS[wanted]) throw new HanabiError('HANABI-M014', wanted);
}

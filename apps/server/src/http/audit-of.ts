import type { FastifyRequest } from 'fastify';
import type { AuditEvent } from '../audit.ts';
import type { Context } from '../context.ts';

/** Puts what a request did on record: who, from where, and under which request id. */
export function audited(context: Context, request: FastifyRequest, event: AuditEvent): Promise<void> {
  // Before there is a session, nobody is the actor, unless the event says who it turned out to be.
  const session = request.session as FastifyRequest['session'] | undefined;
  const actor = session?.user.name ?? '';
  return context.audit.record({ actor, request_id: request.id, address: request.ip, ...event });
}

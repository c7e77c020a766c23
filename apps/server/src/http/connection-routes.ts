/** Connections of the user. Whatever could send a credential or money elsewhere asks for a fresh proof of who they are. */
import { AddConnection, ChangeConnection, type ConnectionTested, DESKTOP_PATHS, SetTrading } from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditEventName } from '../audit.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { requireConfirmed, requireSession } from './session-guard.ts';
import { compile } from './validate.ts';
import { whileListening } from './while-listening.ts';

const checkAdd = compile(AddConnection, 'HANABI-V008');
const checkChange = compile(ChangeConnection, 'HANABI-V008');
const checkTrading = compile(SetTrading, 'HANABI-V008');

type ById = { Params: { id: string } };
type ByModule = { Params: { id: string; module: string } };

export function connectionRoutes(app: FastifyInstance, context: Context): void {
  const { connections: path } = DESKTOP_PATHS;
  const { connections } = context;
  const guard = { onRequest: requireSession(context) };
  const record = (request: FastifyRequest, event: AuditEventName, detail: string, module_id?: string) =>
    audited(context, request, { event, subject: request.session.user.name, detail, module_id: module_id ?? null });

  app.get(path, guard, ({ session }) => connections.list(session.user.id));

  app.post(path, guard, async (request): Promise<{ id: string }> => {
    requireConfirmed(request);
    const wish = checkAdd(request.body);
    const id = await connections.add(request.session.user.id, wish);
    await record(request, 'connection.add', `${wish.kind} ${id}`);
    return { id };
  });

  app.patch<ById>(`${path}/:id`, guard, async (request, reply) => {
    const { id } = request.params;
    const wish = checkChange(request.body);
    if (wish.fields !== undefined) requireConfirmed(request);
    await connections.change(request.session.user.id, id, wish);
    await record(request, 'connection.change', id);
    return reply.code(204).send();
  });

  app.delete<ById>(`${path}/:id`, guard, async (request, reply) => {
    const { id } = request.params;
    await connections.remove(request.session.user.id, id);
    await record(request, 'connection.remove', id);
    return reply.code(204).send();
  });

  app.put<ById>(`${path}/:id/trading`, guard, async (request, reply) => {
    const { id } = request.params;
    const wish = checkTrading(request.body);
    // Taking it away never waits for anything.
    if (wish.trading !== null) requireConfirmed(request);
    await connections.setTrading(request.session.user.id, id, wish);
    const { currency = 'off', order_max = '', day_max = '' } = wish.trading ?? {};
    await record(request, 'connection.trading', [id, currency, order_max, day_max].join(' ').trim());
    return reply.code(204).send();
  });

  app.put<ByModule>(`${path}/:id/modules/:module`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { id, module } = request.params;
    await connections.link(request.session.user.id, id, module);
    await record(request, 'connection.lend', id, module);
    return reply.code(204).send();
  });

  app.delete<ByModule>(`${path}/:id/modules/:module`, guard, async (request, reply) => {
    const { id, module } = request.params;
    await connections.unlink(request.session.user.id, id, module);
    await record(request, 'connection.take-back', id, module);
    return reply.code(204).send();
  });

  app.post<ById>(
    `${path}/:id/test`,
    guard,
    (request, reply): Promise<ConnectionTested> =>
      connections.test(request.session.user.id, request.params.id, whileListening(reply)),
  );
}

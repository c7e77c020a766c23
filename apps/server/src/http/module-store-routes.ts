/** The Module Store, for everybody who is signed in. */
import { DESKTOP_PATHS, HanabiError } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { type QueryFields, queryText } from './query.ts';
import { USER_CONTENT_HEADERS } from './security-headers.ts';
import { requireSession } from './session-guard.ts';

type OfModule = { Params: { id: string }; Querystring: QueryFields<'data'> };
type OfPicture = { Params: { id: string; index: string } };

export function moduleStoreRoutes(app: FastifyInstance, context: Context): void {
  const { store } = DESKTOP_PATHS;
  const { moduleStore } = context;
  const guard = { onRequest: requireSession(context) };

  app.get(store, guard, async ({ session }) => ({ modules: await moduleStore.list(session.user.id) }));

  app.get<OfPicture>(`${store}/:id/pictures/:index`, guard, async ({ params }, reply) => {
    if (!/^\d{1,2}$/.test(params.index)) throw new HanabiError('HANABI-M004');
    const { type, bytes } = await moduleStore.picture(params.id, Number(params.index));
    reply.headers({ ...USER_CONTENT_HEADERS, 'content-type': type });
    return reply.send(bytes);
  });

  app.put<OfModule>(`${store}/:id/install`, guard, async (request, reply) => {
    const module_id = request.params.id;
    await moduleStore.install(request.session.user, module_id);
    await audited(context, request, { event: 'module.install', module_id });
    return reply.code(204).send();
  });

  app.delete<OfModule>(`${store}/:id/install`, guard, async (request, reply) => {
    const module_id = request.params.id;
    const data = queryText(request.query, 'data');
    if (data !== 'keep' && data !== 'delete') throw new HanabiError('HANABI-V008', '"data" is keep or delete');
    await moduleStore.uninstall(request.session.user, module_id, data === 'keep');
    await audited(context, request, { event: 'module.uninstall', module_id, detail: `${data} its data` });
    return reply.code(204).send();
  });
}

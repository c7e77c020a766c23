/** What modules keep for the user who asks: to look at, to take along and to delete. */
import { Readable } from 'node:stream';
import {
  type DataCollections,
  type DataPage,
  DESKTOP_PATHS,
  HanabiError,
  type KeptData,
  LIMITS,
  safeName,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { DataOwner } from '../storage/data/data-quota.ts';
import { dataPage } from '../storage/data/data-page.ts';
import { exportData } from '../storage/data/export-data.ts';
import { type QueryFields, queryText } from './query.ts';
import { USER_CONTENT_HEADERS } from './security-headers.ts';
import { disposition } from './send-content.ts';
import { requireSession } from './session-guard.ts';

type Asked = { Params: { module: string }; Querystring: QueryFields<'collection' | 'id' | 'after'> };

export function moduleDataRoutes(app: FastifyInstance, context: Context): void {
  const { moduleData } = DESKTOP_PATHS;
  const { dataStore, settings } = context;
  const guard = { onRequest: requireSession(context) };

  app.get(moduleData, guard, async ({ session }): Promise<KeptData> => {
    const kept = new Map((await dataStore.owners(session.user.id)).map((one) => [one.module_id, one.usage]));
    const counts = await settings.counts(session.user.id);
    const ids = [...new Set([...kept.keys(), ...counts.keys()])].sort();
    return {
      modules: ids.map((module_id) => ({
        module_id,
        name: context.registry.find(module_id, session.user.id)?.manifest.name ?? null,
        usage: kept.get(module_id) ?? { collections: 0, records: 0, bytes: 0 },
        quota: dataStore.quota,
        settings: counts.get(module_id) ?? 0,
      })),
    };
  });

  app.get<Asked>(`${moduleData}/:module`, guard, async (request): Promise<DataCollections> => {
    return { ...(await dataStore.collections(ownerOf(request))), quota: dataStore.quota };
  });

  app.get<Asked>(`${moduleData}/:module/documents`, guard, async (request): Promise<DataPage> => {
    const after = queryText(request.query, 'after');
    if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) throw new HanabiError('HANABI-V008', '"after"');
    const wish = { collection: asked(request, 'collection'), limit: LIMITS.data_page_documents, after };
    return dataPage(dataStore, ownerOf(request), wish);
  });

  app.get<Asked>(`${moduleData}/:module/export`, guard, async (request, reply) => {
    const owner = ownerOf(request);
    reply.headers({
      ...USER_CONTENT_HEADERS,
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': disposition('attachment', safeName(`${owner.module_id}.json`)),
    });
    return reply.send(Readable.from(exportData(dataStore, settings, owner), { objectMode: false }));
  });

  app.delete<Asked>(`${moduleData}/:module/documents`, guard, async (request, reply) => {
    const [collection, id] = [asked(request, 'collection'), asked(request, 'id')];
    const { user_id, module_id } = ownerOf(request);
    if (await dataStore.delete({ user_id, module_id }, collection, id)) {
      context.live.dataChanged(user_id, { module_id, collection, id, version: null, by: null });
    }
    return reply.code(204).send();
  });

  app.delete<Asked>(`${moduleData}/:module/collections`, guard, async (request, reply) => {
    await dataStore.deleteCollection(ownerOf(request), asked(request, 'collection'));
    return reply.code(204).send();
  });

  app.delete<Asked>(`${moduleData}/:module`, guard, async (request, reply) => {
    const owner = ownerOf(request);
    const { collections } = await dataStore.collections(owner);
    for (const { name } of collections) await dataStore.deleteCollection(owner, name);
    await settings.deleteAll(owner.user_id, owner.module_id);
    return reply.code(204).send();
  });
}

function ownerOf({ session, params }: FastifyRequest<Asked>): DataOwner {
  return { user_id: session.user.id, module_id: params.module };
}

function asked({ query }: FastifyRequest<Asked>, name: 'collection' | 'id'): string {
  const text = queryText(query, name);
  if (text === undefined) throw new HanabiError('HANABI-V008', `"${name}" is missing`);
  return text;
}

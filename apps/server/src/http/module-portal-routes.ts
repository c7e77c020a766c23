/** The Developer Portal: packages, drafts, submissions, keys for publishing. */
import type { Readable } from 'node:stream';
import { DESKTOP_PATHS, HanabiError, LIMITS, NewPublishKey, Note } from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditEvent } from '../audit.ts';
import type { Context } from '../context.ts';
import { audited } from './audit-of.ts';
import { requirePublisher, requireRole } from './role-guard.ts';
import { sendCheck } from './send-check.ts';
import { compile } from './validate.ts';
import { whileListening } from './while-listening.ts';

const check = { note: compile(Note, 'HANABI-V008'), key: compile(NewPublishKey, 'HANABI-V008') };

type OfVersion = { Params: { id: string; version: string } };

export function modulePortalRoutes(app: FastifyInstance, context: Context): void {
  const { portal } = DESKTOP_PATHS;
  const { publisher, publishKeys, workflowChecks } = context;
  // Who publishes with a key has no session that would say who it is.
  const record = (request: FastifyRequest, event: AuditEvent) =>
    audited(context, request, { actor: request.person.name, ...event });
  const developer = { onRequest: requireRole(context, 'developer') };
  const publishing = { onRequest: requirePublisher(context) };

  app.get(`${portal}/modules`, developer, async ({ person }) => ({ modules: await publisher.modulesOf(person) }));

  app.register(async (scope) => {
    scope.addContentTypeParser('application/zip', (_request, payload, done) => done(null, payload));
    const upload = { ...publishing, bodyLimit: LIMITS.package_bytes_max };
    scope.post(`${portal}/packages`, upload, async (request, reply) => {
      if (request.headers['content-type'] !== 'application/zip') throw new HanabiError('HANABI-V008', 'it is no zip');
      const uploaded = await publisher.upload(request.person, request.body as Readable);
      if (uploaded.version) {
        const { module_id, version, package_sha256 } = uploaded.version;
        await record(request, { event: 'module.upload', ...named(module_id, version), detail: package_sha256 });
      }
      return reply.code(uploaded.version ? 201 : 200).send(uploaded);
    });
  });

  app.post<OfVersion>(`${portal}/modules/:id/versions/:version/submit`, publishing, async (request) => {
    const { person, params } = request;
    const { note = '' } = check.note(request.body ?? {});
    const state = await publisher.submit(person, params.id, params.version, note);
    await record(request, { event: 'module.submit', ...named(params.id, params.version), detail: state });
    return { state };
  });

  app.post<OfVersion>(`${portal}/modules/:id/versions/:version/workflows`, publishing, (request, reply) => {
    const { person, params } = request;
    const session = request.session as FastifyRequest['session'] | undefined;
    const viewer_id = session?.user.id ?? '';
    const signal = whileListening(reply);
    const lines = workflowChecks.ofDraft(person, viewer_id, params.id, params.version, signal);
    return sendCheck(request, reply, lines, signal);
  });

  app.post<OfVersion>(`${portal}/modules/:id/versions/:version/withdraw`, developer, async (request, reply) => {
    const { person, params } = request;
    await publisher.withdraw(person, params.id, params.version);
    await record(request, { event: 'module.withdraw', ...named(params.id, params.version) });
    return reply.code(204).send();
  });

  app.get(`${portal}/keys`, developer, async ({ person }) => ({ keys: await publishKeys.list(person.id) }));

  app.post(`${portal}/keys`, developer, async (request, reply) => {
    const { name } = check.key(request.body);
    const key = await publishKeys.create(request.person.id, name);
    await record(request, { event: 'publish-key.create', detail: name });
    return reply.code(201).send(key);
  });

  app.delete<{ Params: { id: string } }>(`${portal}/keys/:id`, developer, async (request, reply) => {
    await publishKeys.remove(request.person.id, request.params.id);
    await record(request, { event: 'publish-key.remove', detail: request.params.id });
    return reply.code(204).send();
  });
}

function named(module_id: string, module_version: string) {
  return { module_id, module_version };
}

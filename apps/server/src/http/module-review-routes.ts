/** The review of published modules, for administrators. */
import { Decision, DESKTOP_PATHS, HanabiError, Note, type WorkflowCheck } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { boundsOf } from '../modules/quotas.ts';
import { audited } from './audit-of.ts';
import { type QueryFields, queryText } from './query.ts';
import { requireRole } from './role-guard.ts';
import { requireConfirmed } from './session-guard.ts';
import { sendCheck } from './send-check.ts';
import { compile } from './validate.ts';
import { whileListening } from './while-listening.ts';

const check = { note: compile(Note, 'HANABI-V008'), decision: compile(Decision, 'HANABI-V008') };

type OfModule = { Params: { id: string } };
type OfVersion = { Params: { id: string; version: string }; Querystring: QueryFields<'path'> };

export function moduleReviewRoutes(app: FastifyInstance, context: Context): void {
  const { review } = DESKTOP_PATHS;
  const { reviews, workflowChecks } = context;
  const admin = { onRequest: requireRole(context, 'admin') };
  const version = `${review}/:id/versions/:version`;

  app.get(review, admin, async () => ({ versions: await reviews.list() }));

  app.get<OfVersion>(version, admin, ({ params }) => reviews.caseOf(params.id, params.version));

  app.get<OfVersion>(`${version}/file`, admin, async ({ params, query }) => {
    const path = queryText(query, 'path');
    if (path === undefined) throw new HanabiError('HANABI-V008', '"path" is missing');
    return { text: await reviews.file(params.id, params.version, path) };
  });

  app.post<OfVersion>(`${version}/run`, admin, async (request, reply) => {
    const { id, version: module_version } = request.params;
    const runs = await reviews.runSamples(id, module_version, whileListening(reply));
    const detail = runs.same ? 'the same outputs' : 'different outputs';
    await audited(context, request, { event: 'module.sample-run', module_id: id, module_version, detail });
    return runs;
  });

  app.post<OfVersion>(`${version}/workflows`, admin, async (request, reply) => {
    const { person, params } = request;
    const event = { event: 'module.workflow-check' as const, module_id: params.id, module_version: params.version };
    await audited(context, request, event);
    const signal = whileListening(reply);
    const lines = workflowChecks.ofSubmitted(person, params.id, params.version, signal);
    return sendCheck(request, reply, lines, signal);
  });

  app.post<OfVersion>(`${version}/decision`, admin, async (request, reply) => {
    const { person, params } = request;
    const decision = check.decision(request.body);
    // What is allowed here, strangers' code does on this server.
    if (decision.decision === 'approve' && (decision.permissions?.length ?? 0) > 0) requireConfirmed(request);
    const known = await reviews.decide(person, params.id, params.version, decision, whileListening(reply));
    const event = decision.decision === 'approve' ? 'module.approve' : 'module.reject';
    const { permissions = [], note = '' } = decision;
    const detail = [permissions.join(' '), ...boundsOf(decision), ...checkText(known), note].join(' · ');
    await audited(context, request, { event, module_id: params.id, module_version: params.version, detail });
    return reply.code(204).send();
  });

  app.post<OfVersion>(`${version}/roll-back`, admin, async (request, reply) => {
    const { id, version: module_version } = request.params;
    const { note: detail = '' } = check.note(request.body ?? {});
    requireConfirmed(request);
    await reviews.rollBack(request.person, id, module_version, detail);
    await audited(context, request, { event: 'module.roll-back', module_id: id, module_version, detail });
    return reply.code(204).send();
  });

  for (const [path, suspended] of [
    ['suspend', true],
    ['resume', false],
  ] as const) {
    app.post<OfModule>(`${review}/:id/${path}`, admin, async (request, reply) => {
      const { id } = request.params;
      const { note: detail = '' } = check.note(request.body ?? {});
      await reviews.suspend(request.person, id, suspended, detail);
      await audited(context, request, { event: `module.${path}`, module_id: id, detail });
      return reply.code(204).send();
    });
  }
}

/** What the reviewer knew of the workflows that are there. */
function checkText(known: WorkflowCheck | null): string[] {
  if (!known) return [];
  const { fits, breaks, breaks_open, untried, left_out } = known;
  return [
    `of the workflows that are there it fits ${fits} and breaks ${breaks} (${breaks_open} that run); ${untried + left_out} were not tried`,
  ];
}

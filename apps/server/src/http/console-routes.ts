/** What administrators look at: modules and their grants, the audit, jobs, and how the server is doing. */
import { Readable } from 'node:stream';
import {
  type AdminJob,
  type AdminModules,
  AUDIT_SOURCES,
  type AuditFilter,
  type AuditPage,
  DESKTOP_PATHS,
  HanabiError,
  type Health,
  LIMITS,
  SetGrant,
  SetQuota,
} from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import { asCsv, asNdjson } from '../admin/export-audit.ts';
import { health } from '../admin/health.ts';
import { adminModules, sayGrant } from '../admin/module-grants.ts';
import { auditPage, auditRows } from '../admin/search-audit.ts';
import type { Context } from '../context.ts';
import { boundsOf, checkedQuota, setQuota } from '../modules/quotas.ts';
import { audited } from './audit-of.ts';
import { type QueryFields, queryText } from './query.ts';
import { requireAdmin, requireConfirmed } from './session-guard.ts';
import { compile } from './validate.ts';

const checkGrant = compile(SetGrant, 'HANABI-V008');
const checkQuota = compile(SetQuota, 'HANABI-V008');

type AuditQuery = QueryFields<'source' | 'text' | 'event' | 'module' | 'outcome' | 'before' | 'format'>;

export function consoleRoutes(app: FastifyInstance, context: Context): void {
  const path = DESKTOP_PATHS.admin;
  const { db, registry } = context;
  const tiers = context.config.worker_tiers;
  const guard = { onRequest: requireAdmin(context) };

  app.get(`${path}/modules`, guard, (): Promise<AdminModules> => adminModules(db, registry, tiers));

  app.put<{ Params: { id: string } }>(`${path}/modules/:id/grants`, guard, async (request, reply) => {
    requireConfirmed(request);
    const wish = checkGrant(request.body);
    const { id, version } = await sayGrant(db, registry, request.params.id, wish);
    const about = { module_id: id, module_version: version, permission: wish.permission };
    await audited(context, request, { event: 'grant.set', ...about, detail: `${wish.said}, for everybody` });
    return reply.code(204).send();
  });

  app.put<{ Params: { id: string } }>(`${path}/modules/:id/quota`, guard, async (request, reply) => {
    requireConfirmed(request);
    const { id, version } = registry.current(request.params.id);
    const quota = checkedQuota(checkQuota(request.body), tiers);
    await setQuota(db, registry, id, quota);
    const detail = boundsOf(quota).join(' · ') || 'as usual';
    await audited(context, request, { event: 'quota.set', module_id: id, module_version: version, detail });
    return reply.code(204).send();
  });

  app.get<{ Querystring: AuditQuery }>(`${path}/audit`, guard, (request): Promise<AuditPage> => {
    const before = queryText(request.query, 'before');
    if (before !== undefined && !/^\d{1,15}$/.test(before))
      throw new HanabiError('HANABI-V008', '"before" is a number');
    return auditPage(db, filterOf(request.query), before === undefined ? undefined : Number(before));
  });

  app.get<{ Querystring: AuditQuery }>(`${path}/audit/export`, guard, async (request, reply) => {
    const filter = filterOf(request.query);
    const isCsv = queryText(request.query, 'format') === 'csv';
    await audited(context, request, { event: 'audit.export', detail: JSON.stringify(filter) });
    const rows = auditRows(db, filter);
    reply.header('content-type', isCsv ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8');
    reply.header('content-disposition', `attachment; filename="audit-${filter.source}.${isCsv ? 'csv' : 'ndjson'}"`);
    reply.header('cache-control', 'no-store');
    return reply.send(Readable.from(isCsv ? asCsv(rows) : asNdjson(rows), { objectMode: false }));
  });

  app.get(`${path}/jobs`, guard, async (): Promise<{ jobs: AdminJob[] }> => {
    const jobs = await db
      .selectFrom('jobs')
      .innerJoin('users', 'users.id', 'jobs.user_id')
      .select(['jobs.id', 'users.name as user', 'module_id', 'kind', 'state', 'progress_pct', 'error_code'])
      .select(['jobs.created_at', 'finished_at'])
      .orderBy('seq', 'desc')
      .limit(LIMITS.admin_jobs_max)
      .execute();
    return { jobs };
  });

  app.post<{ Params: { id: string } }>(`${path}/jobs/:id/cancel`, guard, async (request, reply) => {
    const { id } = request.params;
    const job = await db
      .selectFrom('jobs')
      .innerJoin('users', 'users.id', 'jobs.user_id')
      .select(['jobs.user_id', 'users.name as user', 'module_id', 'module_version'])
      .where('jobs.id', '=', id)
      .executeTakeFirst();
    if (!job) throw new HanabiError('HANABI-W020', id.slice(0, 64));
    const { user_id, user, module_id, module_version } = job;
    await context.jobs.cancelForUser(user_id, id);
    await audited(context, request, { event: 'job.cancel', subject: user, module_id, module_version, detail: id });
    return reply.code(204).send();
  });

  app.get(`${path}/health`, guard, (): Promise<Health> => health(context));
}

function filterOf(query: AuditQuery): AuditFilter {
  const text = (field: 'text' | 'event' | 'module') => {
    const value = queryText(query, field);
    if ((value?.length ?? 0) > LIMITS.audit_query_chars_max)
      throw new HanabiError('HANABI-V008', `"${field}" is too long`);
    return value || undefined;
  };
  return {
    source: oneOf(AUDIT_SOURCES, queryText(query, 'source') ?? 'decisions', 'source'),
    text: text('text'),
    event: text('event'),
    module: text('module'),
    outcome: oneOf(['ok', 'refused', undefined] as const, queryText(query, 'outcome') || undefined, 'outcome'),
  };
}

function oneOf<const T>(choices: readonly T[], value: unknown, field: string): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined && value !== undefined)
    throw new HanabiError('HANABI-V008', `"${field}" has an unknown value`);
  return choice as T;
}

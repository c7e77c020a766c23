/** Jobs as their user sees and handles them, of all modules. */
import { DESKTOP_PATHS, HanabiError, JOB_STATES, LIMITS, type UserJobDetails, type UserJobs } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import type { JobsWish } from '../jobs/user-jobs.ts';
import { type QueryFields, queryText } from './query.ts';
import { requireSession } from './session-guard.ts';

type Query = QueryFields<'module' | 'state' | 'ids' | 'before'>;
type ById = { Params: { id: string } };

export function jobRoutes(app: FastifyInstance, context: Context): void {
  const { jobs: path } = DESKTOP_PATHS;
  const { jobs } = context;
  const guard = { onRequest: requireSession(context) };

  app.get<{ Querystring: Query }>(path, guard, ({ session, query }): Promise<UserJobs> => {
    return jobs.listAll(session.user.id, wishOf(query));
  });

  app.get<ById>(`${path}/:id`, guard, ({ session, params }): Promise<UserJobDetails> => {
    return jobs.details(session.user.id, params.id);
  });

  app.post<ById>(`${path}/:id/cancel`, guard, async ({ session, params }): Promise<UserJobDetails> => {
    await jobs.cancelForUser(session.user.id, params.id);
    return jobs.details(session.user.id, params.id);
  });

  app.post<ById>(`${path}/:id/again`, guard, async ({ session, params }): Promise<UserJobDetails> => {
    const { id } = await jobs.runAgain(session.user.id, params.id);
    return jobs.details(session.user.id, id);
  });
}

function wishOf(query: Query): JobsWish {
  const before = queryText(query, 'before');
  if (before !== undefined && !/^[0-9]{1,15}$/.test(before)) throw new HanabiError('HANABI-V008', '"before"');
  const ids = queryText(query, 'ids')?.split(',');
  if (ids && ids.length > LIMITS.jobs_page_max) throw new HanabiError('HANABI-V008', '"ids" are too many');
  const states = queryText(query, 'state')?.split(',');
  return {
    module_id: queryText(query, 'module'),
    states: states && JOB_STATES.filter((state) => states.includes(state)),
    ids,
    before: before === undefined ? undefined : Number(before),
  };
}

/** Schedules as their user sees and handles them, of all modules. */
import { DESKTOP_PATHS, ToggleSchedule, type UserJobDetails, type UserSchedules } from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkToggle = compile(ToggleSchedule, 'HANABI-V008');

type ById = { Params: { id: string } };

export function scheduleRoutes(app: FastifyInstance, context: Context): void {
  const { schedules: path } = DESKTOP_PATHS;
  const { schedules, jobs } = context;
  const guard = { onRequest: requireSession(context) };
  const list = async ({ session }: Pick<FastifyRequest, 'session'>): Promise<UserSchedules> => ({
    schedules: await schedules.listAll(session.user.id),
  });

  app.get(path, guard, list);

  app.put<ById>(`${path}/:id`, guard, async (request): Promise<UserSchedules> => {
    const { id } = request.params;
    const { enabled } = checkToggle(request.body);
    const userId = request.session.user.id;
    await schedules.toggle(userId, await schedules.moduleOf(userId, id), id, enabled);
    return list(request);
  });

  app.post<ById>(`${path}/:id/run`, guard, async ({ session, params }): Promise<UserJobDetails> => {
    const { id } = await schedules.runNow(session.user.id, params.id);
    return jobs.details(session.user.id, id);
  });

  app.delete<ById>(`${path}/:id`, guard, async ({ session, params }, reply) => {
    const userId = session.user.id;
    await schedules.delete(userId, await schedules.moduleOf(userId, params.id), params.id);
    return reply.code(204).send();
  });
}

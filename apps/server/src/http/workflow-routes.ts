/** Workflows as their user sees and handles them, of all modules. */
import {
  DESKTOP_PATHS,
  type UserWorkflows,
  type WorkflowAnswer,
  type WorkflowDetails,
  WorkflowMessage,
  type WorkflowPlayback,
  WorkflowReset,
  type WorkflowRun,
  type WorkflowStack,
  WorkflowsWish,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { requireReader } from '../modules/require-reader.ts';
import { runnableModule } from '../workflows/runnable.ts';
import { requireRole } from './role-guard.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';
import { whileListening } from './while-listening.ts';

const checkWish = compile(WorkflowsWish, 'HANABI-V008');
const checkMessage = compile(WorkflowMessage, 'HANABI-V008');
const checkReset = compile(WorkflowReset, 'HANABI-V008');

type OfRun = { Params: { run: string } };

export function workflowRoutes(app: FastifyInstance, context: Context): void {
  const { workflows: path } = DESKTOP_PATHS;
  const { workflows, registry } = context;
  const guard = { onRequest: requireSession(context) };
  const developer = { onRequest: requireRole(context, 'developer') };
  const nameOf = (user_id: string, module_id: string) => registry.find(module_id, user_id)?.manifest.name ?? module_id;

  /** HANABI-W029 where the user has no such run. */
  async function runOf({ session, params }: Pick<FastifyRequest<OfRun>, 'session' | 'params'>) {
    const { id, run_id, module_id } = await workflows.runOf(session.user.id, params.run);
    return { owner: { user_id: session.user.id, module_id }, target: { id, runId: run_id } };
  }

  app.get(path, guard, async ({ session, query }): Promise<UserWorkflows> => {
    const { id } = session.user;
    const runs = await workflows.runsOf(id, checkWish(query));
    return { workflows: runs.map((run) => ({ ...run, module_name: nameOf(id, run.module_id) })) };
  });

  app.get<OfRun>(`${path}/:run`, guard, async (request): Promise<WorkflowDetails> => {
    const { owner, target } = await runOf(request);
    return workflows.details(owner, target, nameOf(owner.user_id, owner.module_id));
  });

  /** Temporal's form, for its tools. */
  app.get<OfRun>(`${path}/:run/history`, guard, async (request, reply) => {
    const { owner, target } = await runOf(request);
    reply.header('content-disposition', `attachment; filename="history-${target.runId}.json"`);
    return workflows.history(owner, target);
  });

  app.get<OfRun>(`${path}/:run/playback`, developer, async (request, reply): Promise<WorkflowPlayback> => {
    const { owner, target } = await runOf(request);
    const { module } = await runnableModule(context, owner);
    await requireReader(context.db, request.person, module);
    const { summary } = await workflows.details(owner, target, module.manifest.name);
    return context.workflowChecks.playback(owner.user_id, module, summary, whileListening(reply));
  });

  app.get<OfRun>(`${path}/:run/stack`, guard, async (request): Promise<WorkflowStack> => {
    const { owner, target } = await runOf(request);
    const { value } = await workflows.query(owner, target, '__stack_trace');
    return { stack: typeof value === 'string' ? value : '' };
  });

  app.post<OfRun>(`${path}/:run/signal`, guard, async (request, reply) => {
    const { owner, target } = await runOf(request);
    const { name, args } = checkMessage(request.body);
    await workflows.signal(owner, target, name, args);
    return reply.code(204).send();
  });

  app.post<OfRun>(`${path}/:run/query`, guard, async (request): Promise<WorkflowAnswer> => {
    const { owner, target } = await runOf(request);
    const { name, args } = checkMessage(request.body);
    return workflows.query(owner, target, name, args);
  });

  app.post<OfRun>(`${path}/:run/cancel`, guard, async (request, reply) => {
    const { owner, target } = await runOf(request);
    await workflows.cancel(owner, target);
    return reply.code(204).send();
  });

  app.post<OfRun>(`${path}/:run/terminate`, guard, async (request, reply) => {
    const { owner, target } = await runOf(request);
    await workflows.terminate(owner, target);
    return reply.code(204).send();
  });

  app.post<OfRun>(`${path}/:run/resume`, guard, async (request, reply) => {
    const { owner, target } = await runOf(request);
    await workflows.resume(owner, target);
    return reply.code(204).send();
  });

  app.post<OfRun>(`${path}/:run/reset`, guard, async (request): Promise<WorkflowRun> => {
    const { owner, target } = await runOf(request);
    return workflows.reset(owner, target, checkReset(request.body).event_id);
  });
}

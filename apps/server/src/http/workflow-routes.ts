/** Workflows as their user sees and handles them, of all modules. */
import {
  DESKTOP_PATHS,
  HanabiError,
  type UserWorkflow,
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
import { historyJson } from '@hanabi/sandbox';
import { requireReader } from '../modules/require-reader.ts';
import { readEvents, type RunRow } from '../workflows/history.ts';
import { playRun } from '../workflows/play-run.ts';
import { detailsOf } from '../workflows/run-details.ts';
import { runnableModule } from '../workflows/runnable.ts';
import { summaryOf } from '../workflows/run-view.ts';
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
  const { workflows, registry, db } = context;
  const guard = { onRequest: requireSession(context) };
  const developer = { onRequest: requireRole(context, 'developer') };
  const nameOf = (row: RunRow) => registry.find(row.module_id, row.user_id)?.manifest.name ?? row.module_id;

  const userView = (row: RunRow): UserWorkflow => ({
    ...summaryOf(row),
    module_id: row.module_id,
    module_name: nameOf(row),
  });

  /** HANABI-W029 where the user has no such run. */
  async function runOf({ session, params }: Pick<FastifyRequest<OfRun>, 'session' | 'params'>) {
    const row = await db
      .selectFrom('workflow_runs')
      .selectAll()
      .where('run_id', '=', params.run)
      .where('user_id', '=', session.user.id)
      .executeTakeFirst();
    if (!row) throw new HanabiError('HANABI-W029');
    return { row, owner: row, target: { id: row.workflow_id, runId: row.run_id } };
  }

  app.get(path, guard, async ({ session, query }): Promise<UserWorkflows> => {
    const rows = await workflows.rows({ user_id: session.user.id }, checkWish(query));
    return {
      workflows: rows.map(userView),
    };
  });

  app.get<OfRun>(`${path}/:run`, guard, async (request): Promise<WorkflowDetails> => {
    const { row } = await runOf(request);
    return detailsOf(db, row, nameOf(row));
  });

  /** Temporal's form, for its tools. */
  app.get<OfRun>(`${path}/:run/history`, guard, async (request, reply) => {
    const { row } = await runOf(request);
    reply.header('content-disposition', `attachment; filename="history-${row.run_id}.json"`);
    return historyJson(await readEvents(db, row.run_id), 'default');
  });

  app.get<OfRun>(`${path}/:run/playback`, developer, async (request, reply): Promise<WorkflowPlayback> => {
    const { row } = await runOf(request);
    const { module } = await runnableModule(context, row);
    await requireReader(db, request.person, module);
    return playRun(context, module, userView(row), whileListening(reply));
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

/** Workflows as their user sees and handles them, of all modules. */
import {
  DESKTOP_PATHS,
  HanabiError,
  type UserWorkflows,
  type WorkflowAnswer,
  type WorkflowDetails,
  WorkflowMessage,
  WorkflowReset,
  type WorkflowRun,
  type WorkflowStack,
  WorkflowsWish,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { RunRow } from '../workflows/history.ts';
import { detailsOf } from '../workflows/run-details.ts';
import { summaryOf } from '../workflows/run-view.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkWish = compile(WorkflowsWish, 'HANABI-V008');
const checkMessage = compile(WorkflowMessage, 'HANABI-V008');
const checkReset = compile(WorkflowReset, 'HANABI-V008');

type OfRun = { Params: { run: string } };

export function workflowRoutes(app: FastifyInstance, context: Context): void {
  const { workflows: path } = DESKTOP_PATHS;
  const { workflows, registry, db } = context;
  const guard = { onRequest: requireSession(context) };
  const nameOf = (row: RunRow) => registry.find(row.module_id, row.user_id)?.manifest.name ?? row.module_id;

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
      workflows: rows.map((row) => ({ ...summaryOf(row), module_id: row.module_id, module_name: nameOf(row) })),
    };
  });

  app.get<OfRun>(`${path}/:run`, guard, async (request): Promise<WorkflowDetails> => {
    const { row } = await runOf(request);
    return detailsOf(db, row, nameOf(row));
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

  app.post<OfRun>(`${path}/:run/reset`, guard, async (request): Promise<WorkflowRun> => {
    const { owner, target } = await runOf(request);
    return workflows.reset(owner, target, checkReset(request.body).event_id);
  });
}

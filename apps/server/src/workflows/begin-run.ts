/** How runs begin, by whomever they are started: in one transaction, with the first event of their history. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@hanabi/protocol';
import {
  EngineError,
  mayReuse,
  milliseconds,
  type NewEvent,
  startDelay,
  startedEvent,
  type StartRequest,
} from '@hanabi/sandbox';
import type { Db } from '../storage/db.ts';
import type { Change, Reader } from '../storage/rows.ts';
import { alone } from '../storage/transaction.ts';
import { appendEvents, arrive, type RunRow } from './history.ts';
import { endFromOutside } from './end-run.ts';
import { keepAttributes } from './run-attributes.ts';

export interface WorkflowOwner {
  user_id: string;
  module_id: string;
}

/** The newest run of an id, or the named one. */
export function findRun(
  db: Reader,
  { user_id, module_id }: WorkflowOwner,
  workflow_id: string,
  run_id?: string,
): Promise<RunRow | undefined> {
  let query = db
    .selectFrom('workflow_runs')
    .selectAll()
    .where('user_id', '=', user_id)
    .where('module_id', '=', module_id)
    .where('workflow_id', '=', workflow_id);
  if (run_id) query = query.where('run_id', '=', run_id);
  // One that runs was started last, also where two began within a millisecond.
  return query
    .orderBy('closed_ms', (order) => order.desc().nullsFirst())
    .orderBy('started_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The run that there is now of this id: a new one, or with USE_EXISTING the one that runs. EngineError ALREADY_STARTED, INVALID_ARGUMENT. */
export async function startRun(db: Change, owner: WorkflowOwner, request: StartRequest): Promise<string> {
  const { workflowId, idConflictPolicy, idReusePolicy, signal } = request;
  await alone(db, 'workflows', owner.user_id);
  const last = await findRun(db, owner, workflowId);
  if (last?.status === 'RUNNING') {
    if (idConflictPolicy === 'USE_EXISTING') return last.run_id;
    if (idConflictPolicy !== 'TERMINATE_EXISTING' && idReusePolicy !== 'TERMINATE_IF_RUNNING')
      throw alreadyStarted(last);
    await endFromOutside(db, last.run_id, 'WORKFLOW_EXECUTION_TERMINATED', { reason: 'replaced by a new run' });
  } else if (last && !mayReuse(idReusePolicy, last.status)) throw alreadyStarted(last);
  await requireRoom(db, owner);
  const run_id = await insertRun(db, owner, { ...request, delay_ms: startDelay(request, Date.now()) });
  if (signal) {
    await arrive(db, run_id, {
      eventType: 'WORKFLOW_EXECUTION_SIGNALED',
      attributes: { signalName: signal.name, input: signal.input },
    });
  }
  return run_id;
}

/** Without a look at others of its id: for the next of a chain. */
export async function insertRun(
  db: Change,
  { user_id, module_id }: WorkflowOwner,
  request: StartRequest,
): Promise<string> {
  const run_id = randomUUID();
  const now_ms = Date.now();
  const started = startedEvent(request, run_id);
  const { attributes } = started;
  await db
    .insertInto('workflow_runs')
    .values({
      run_id,
      user_id,
      module_id,
      workflow_id: request.workflowId,
      workflow_type: request.workflowType,
      status: 'RUNNING',
      parent_run_id: (attributes['parentWorkflowInfo']?.runId as string | undefined) ?? null,
      parent_event_id: (attributes['parentInitiatedEventId'] as number | undefined) ?? null,
      first_run_id: attributes['firstExecutionRunId'] as string,
      events: 1,
      started_ms: now_ms,
      closed_ms: null,
      deadline_ms: deadlineOf(started, now_ms),
      wake_ms: now_ms + Math.ceil(request.delay_ms ?? 0),
      failures: 0,
      failure: null,
      outcome: null,
      cron: (attributes['cronSchedule'] as string | undefined) ?? null,
      lease_owner: null,
      lease_expires_ms: null,
      fence: 0,
    })
    .execute();
  await appendEvents(db, run_id, [{ eventId: 1, eventTime_ms: now_ms, ...started }]);
  await keepAttributes(db, run_id, [started]);
  return run_id;
}

/** When a run that begins now with this first event is to be over; null: at any time. */
export function deadlineOf({ attributes }: NewEvent, now_ms: number): number | null {
  const limit_ms =
    milliseconds(attributes['workflowRunTimeout']) ?? milliseconds(attributes['workflowExecutionTimeout']);
  return limit_ms ? now_ms + Math.ceil(limit_ms) : null;
}

/** All that there is of a module’s workflows. Whoever executes one finds nothing to commit to. */
export async function deleteWorkflows(db: Db, { user_id, module_id }: WorkflowOwner): Promise<void> {
  await db.deleteFrom('workflow_runs').where('user_id', '=', user_id).where('module_id', '=', module_id).execute();
}

/** EngineError FAILED_PRECONDITION. */
export async function requireRoom(db: Change, { user_id }: WorkflowOwner): Promise<void> {
  const { open } = await db
    .selectFrom('workflow_runs')
    .select((eb) => eb.fn.countAll<number>().as('open'))
    .where('user_id', '=', user_id)
    .where('status', '=', 'RUNNING')
    .executeTakeFirstOrThrow();
  if (open >= LIMITS.workflows_per_user_max) {
    throw new EngineError('FAILED_PRECONDITION', `at most ${LIMITS.workflows_per_user_max} workflows at a time`);
  }
}

export function alreadyStarted({ workflow_id, run_id }: RunRow): EngineError {
  return new EngineError('ALREADY_STARTED', `workflow ${workflow_id} is there already`, { runId: run_id });
}

/** Workflows of modules on a Temporal cluster: it keeps them, and this server is their starter and one of their workers. */
import { HanabiError, LIMITS, type WorkflowDetails } from '@hanabi/protocol';
import {
  clusterAsks,
  EngineError,
  type Fields,
  requireCalm,
  type RunEnd,
  temporalJson,
  valueOf,
  wireTime,
} from '@hanabi/sandbox';
import type { AttemptResult } from '../activity-rows.ts';
import type { WorkflowOwner } from '../begin-run.ts';
import type { EngineParts } from '../engine.ts';
import type { HostActivities } from '../host-activities.ts';
import { newId } from '../../ids.ts';
import type { ActivityTarget } from '../open-activities.ts';
import { payloadsOf } from '../run-changes.ts';
import { WorkflowProcesses } from '../processes.ts';
import { endView, failureView, jsonOf, STATES } from '../run-view.ts';
import { runnableModule } from '../runnable.ts';
import type { OwnedRun, StartWish, WorkflowKeeper, WorkflowTarget } from '../workflow-keeper.ts';
import type { ListWish } from '../list-runs.ts';
import { ClusterConnection, type ClusterSettings } from './connection.ts';
import { clusterId, prefixOf, queueOf } from './names.ts';
import { refusalOf } from './refusals.ts';
import { detailsOf, eventOf, runIn, taskEndBefore } from './view.ts';

/** Histories are the cluster’s, and so is whatever moves them on. */
type Parts = Omit<EngineParts, 'db' | 'commits' | 'signals' | 'server_id'>;

const WAIT_MS = LIMITS.workflow_result_wait_ms_max;

export class ClusterWorkflows implements WorkflowKeeper {
  readonly keepsHistories = false;
  private readonly parts: Parts;
  private readonly processes: WorkflowProcesses;
  private readonly connection: ClusterConnection;

  constructor(parts: Parts, settings: ClusterSettings) {
    const { registry, log } = parts;
    this.parts = parts;
    this.processes = new WorkflowProcesses(parts);
    const modules = () => [
      ...new Set(
        registry
          .manifests()
          .filter(({ entrypoints }) => entrypoints.workflow)
          .map(({ id }) => id),
      ),
    ];
    this.connection = new ClusterConnection({
      settings,
      log,
      modules,
      told: (owner, run_id) => this.news(owner, run_id),
    });
  }

  async start(host: HostActivities): Promise<void> {
    const { registry, log, works_off } = this.parts;
    registry.onRightsChanged(() => {
      const looked = [this.connection.look(), this.connection.stopRevoked(), this.processes.stopRevoked()];
      Promise.all(looked).catch((error: unknown) => log.error({ err: error }, 'workflows could not be looked after'));
    });
    const requireRoom = (owner: WorkflowOwner, wanted: number) => this.requireRoom(owner, wanted);
    this.connection.start(works_off ? { ...this.parts, processes: this.processes, host, requireRoom } : undefined);
  }

  async close(): Promise<void> {
    await this.connection.close();
    await this.processes.close();
  }

  async begin(owner: WorkflowOwner, wish: StartWish): Promise<{ id: string; run_id: string }> {
    await runnableModule(this.parts, owner);
    try {
      requireCalm(wish.cronSchedule);
    } catch (error) {
      refusalOf(error);
    }
    const id = wish.id ?? newId();
    await this.requireRoom(owner, 1);
    const { runId } = await this.ask('start', {
      workflowId: clusterId(owner, id),
      workflowType: wish.workflow,
      taskQueue: queueOf(owner.module_id),
      input: payloadsOf(wish.args),
      idReusePolicy: wish.idReusePolicy ?? 'UNSPECIFIED',
      idConflictPolicy: wish.idConflictPolicy ?? 'UNSPECIFIED',
      runTimeout: wish.runTimeoutMs && wireTime(wish.runTimeoutMs),
      startDelay: wish.startDelayMs && wireTime(wish.startDelayMs),
      cronSchedule: wish.cronSchedule,
    });
    this.news(owner, runId);
    return { id, run_id: runId };
  }

  async signal(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: readonly unknown[],
    signalId?: string,
  ): Promise<void> {
    const signal = { signalName: name, input: payloadsOf(args), requestId: signalId };
    await this.ask('signal', { ...addressOf(owner, target), ...signal });
  }

  async query(owner: WorkflowOwner, target: WorkflowTarget, name: string, args?: readonly unknown[]) {
    const query = { queryType: name, arguments: payloadsOf(args) };
    const { response } = await this.ask('query', { ...addressOf(owner, target), ...query });
    return { value: jsonOf(valueOf(response)) };
  }

  async update(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: readonly unknown[],
    updateId = newId(),
  ) {
    const wanted = { name, input: payloadsOf(args), updateId, stage: 'COMPLETED' };
    const answer = await this.inTime('update', { ...addressOf(owner, target), ...wanted }, WAIT_MS);
    const { completed, failure } = (answer?.['outcome'] ?? {}) as Fields;
    const done = failure ? ('failed' as const) : ('completed' as const);
    return {
      update_id: updateId,
      state: answer ? done : ('waiting' as const),
      value: jsonOf(valueOf(completed)),
      failure: failureView(failure),
    };
  }

  async result(owner: WorkflowOwner, target: WorkflowTarget) {
    const deadline = performance.now() + WAIT_MS;
    const { workflowId, runId: first } = await this.describe(owner, target);
    for (let runId = String(first); ; ) {
      const rest_ms = Math.max(1, deadline - performance.now());
      const end = (await this.inTime('result', { workflowId, runId }, rest_ms)) as RunEnd | undefined;
      if (!end) return endView({ run_id: runId, status: 'RUNNING' }, undefined);
      if (!end.newRunId) return endView({ run_id: runId, status: end.status }, end);
      runId = end.newRunId;
    }
  }

  /** By its name: a token is not looked at, for it says nothing of its owner. */
  async endActivity(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    { activityId }: ActivityTarget,
    result: AttemptResult,
  ): Promise<void> {
    await this.ofActivity('completeActivity', { ...addressOf(owner, target), activityId, result });
  }

  async beatActivity(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    { activityId }: ActivityTarget,
    details?: readonly unknown[],
  ): Promise<{ cancel_requested: boolean }> {
    const beat = { ...addressOf(owner, target), activityId, details: payloadsOf(details) };
    const { cancelRequested } = await this.ofActivity('heartbeatActivity', beat);
    return { cancel_requested: cancelRequested === true };
  }

  async cancel(owner: WorkflowOwner, target: WorkflowTarget, reason = 'requested by its user'): Promise<void> {
    await this.ask('cancel', { ...addressOf(owner, target), reason });
  }

  async terminate(owner: WorkflowOwner, target: WorkflowTarget, reason = 'terminated by its user'): Promise<void> {
    const { workflowId, runId } = await this.describe(owner, target);
    await this.ask('terminate', { workflowId, runId, reason });
    this.news(owner, String(runId));
  }

  /** Backups of the server say nothing of workflows there: none of them waits. */
  async resume(owner: WorkflowOwner, target: WorkflowTarget): Promise<void> {
    await this.describe(owner, target);
  }

  async reset(owner: WorkflowOwner, target: WorkflowTarget, event_id: number): Promise<{ run_id: string }> {
    const { workflowId, runId } = await this.describe(owner, target);
    const workflowTaskFinishEventId = taskEndBefore(await this.events({ workflowId, runId }), event_id);
    if (workflowTaskFinishEventId === undefined) throw new HanabiError('HANABI-W029', 'nothing of it was before that');
    const answer = await this.call('ResetWorkflowExecution', {
      workflowExecution: { workflowId, runId },
      reason: `reset to event ${event_id}`,
      workflowTaskFinishEventId,
    });
    const run_id = String(answer['runId']);
    this.news(owner, run_id);
    return { run_id };
  }

  async list(owner: WorkflowOwner, wish: ListWish) {
    return { workflows: (await this.listed(owner, wish)).map(({ summary }) => summary) };
  }

  async runsOf(user_id: string, wish: ListWish): Promise<OwnedRun[]> {
    return (await this.listed({ user_id }, wish)).map(ownedView);
  }

  async runOf(user_id: string, run_id: string): Promise<OwnedRun> {
    const [run] = UUID.test(run_id) ? await this.owned({ user_id }, `RunId = '${run_id}'`) : [];
    if (!run) throw new HanabiError('HANABI-W029');
    return ownedView(run);
  }

  async details(owner: WorkflowOwner, target: WorkflowTarget, module_name: string): Promise<WorkflowDetails> {
    const line = await this.describe(owner, target);
    const run = runIn(line);
    if (!run) throw new HanabiError('HANABI-W029', target.id);
    const events = await this.events({ workflowId: line['workflowId'], runId: line['runId'] });
    return detailsOf(line, { ...ownedView(run), module_name }, events);
  }

  async history(owner: WorkflowOwner, target: WorkflowTarget): Promise<Fields> {
    const { workflowId, runId } = await this.describe(owner, target);
    return temporalJson((await this.ask('history', { workflowId, runId })) as unknown as Fields[]);
  }

  /** What ran is terminated by it, too. A cluster that is away keeps them, and the log says so to the operator. */
  async forget(owner: WorkflowOwner): Promise<void> {
    try {
      await this.deleteAll(owner);
    } catch (error) {
      if (!isCode(error, 'HANABI-W032')) throw error;
      const prefix = prefixOf(owner);
      this.parts.log.error({ err: error, prefix }, 'workflows: those of this prefix are to be deleted at the cluster');
    }
  }

  /** The cluster lists for a while what is deleted, and begins the next of a chain meanwhile. */
  private async deleteAll(owner: WorkflowOwner): Promise<void> {
    const deleted = new Set<string>();
    for (;;) {
      const runs = await this.owned(owner, undefined, Infinity);
      const left = runs.filter(({ summary }) => !deleted.has(summary.run_id));
      if (left.length === 0) return;
      for (const { summary } of left) {
        const workflowExecution = { workflowId: clusterId(owner, summary.id), runId: summary.run_id };
        await this.call('DeleteWorkflowExecution', { workflowExecution }).catch((error: unknown) => {
          if (!isCode(error, 'HANABI-W029')) throw error;
        });
        deleted.add(summary.run_id);
      }
    }
  }

  private async listed(owner: Pick<WorkflowOwner, 'user_id'> & Partial<WorkflowOwner>, wish: ListWish) {
    const { search, query, state, limit = LIMITS.workflows_listed } = wish;
    // Its names are not those of the module’s, nor are its search attributes.
    if (query !== undefined) throw new HanabiError('HANABI-V022', 'lists of a Temporal cluster have no filters here');
    const status = Object.entries(STATUSES).find(([, name]) => name === state)?.[0];
    const runs = await this.owned(owner, status && `ExecutionStatus = '${status}'`);
    const found = (text: string) => !search || text.toLowerCase().includes(search.toLowerCase());
    return runs
      .filter(({ summary }) => found(summary.id) || found(summary.workflow))
      .sort((a, b) => b.summary.started_at.localeCompare(a.summary.started_at))
      .slice(0, limit);
  }

  /** What the cluster finds is looked at once more: whose it is, is not for a query to say. */
  private async owned(
    owner: Pick<WorkflowOwner, 'user_id'> & Partial<WorkflowOwner>,
    filter?: string,
    limit: number = LIMITS.workflow_cluster_listed_max,
  ) {
    const query = [`WorkflowId STARTS_WITH '${prefixOf(owner)}'`, ...(filter ? [filter] : [])].join(' AND ');
    const lines = await this.ask('list', { query, limit });
    return (lines as unknown as Fields[]).flatMap((line) => {
      const run = runIn(line);
      const isOwn =
        run?.owner.user_id === owner.user_id && (owner.module_id ?? run.owner.module_id) === run.owner.module_id;
      return isOwn ? [run] : [];
    });
  }

  /** For so many more. HANABI-Q016. */
  private async requireRoom({ user_id }: WorkflowOwner, wanted: number): Promise<void> {
    const query = `WorkflowId STARTS_WITH '${prefixOf({ user_id })}' AND ExecutionStatus = 'Running'`;
    const most = LIMITS.workflows_per_user_max;
    const { count } = await this.call('CountWorkflowExecutions', { query });
    if (Number(count ?? 0) + wanted > most) throw new HanabiError('HANABI-Q016', `at most ${most} workflows at a time`);
  }

  /** HANABI-W029. */
  private describe(owner: WorkflowOwner, target: WorkflowTarget): Promise<Fields> {
    return this.ask('describe', addressOf(owner, target));
  }

  private async events(run: Fields) {
    return ((await this.ask('history', run)) as unknown as Fields[]).map(eventOf);
  }

  private news({ user_id, module_id }: WorkflowOwner, run_id: string): void {
    this.parts.live.workflowChanged(user_id, { module_id, run_id });
  }

  private async call(rpc: string, fields: Fields): Promise<Fields> {
    const cluster = await this.connection.get();
    return cluster.within(WAIT_MS).call(rpc, fields).catch(refusalOf);
  }

  /** HANABI-W033 where there is none such, or no such workflow. */
  private ofActivity(name: string, fields: Fields): Promise<Fields> {
    return this.asked(name, fields, WAIT_MS).catch((error: unknown) => {
      if (error instanceof EngineError && error.kind === 'NOT_FOUND') throw new HanabiError('HANABI-W033');
      return refusalOf(error);
    });
  }

  private async ask(name: string, fields: Fields): Promise<Fields> {
    return this.asked(name, fields, WAIT_MS).catch(refusalOf);
  }

  /** Undefined: there is no answer yet. */
  private async inTime(name: string, fields: Fields, wait_ms: number): Promise<Fields | undefined> {
    return this.asked(name, fields, wait_ms).catch((error: unknown) => {
      return error instanceof EngineError && error.kind === 'TIMED_OUT' ? undefined : refusalOf(error);
    });
  }

  private async asked(name: string, fields: Fields, wait_ms: number): Promise<Fields> {
    const cluster = await this.connection.get();
    return (await clusterAsks(cluster.within(wait_ms))[name]?.(fields)) as Fields;
  }
}

function isCode(error: unknown, code: HanabiError['code']): boolean {
  return error instanceof HanabiError && error.code === code;
}

function ownedView({ owner, summary }: NonNullable<ReturnType<typeof runIn>>): OwnedRun {
  return { ...summary, module_id: owner.module_id };
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

function addressOf(owner: WorkflowOwner, { id, runId }: WorkflowTarget): Fields {
  return { workflowId: clusterId(owner, id), runId };
}

/** As the filters of a cluster call them. */
const STATUSES: Readonly<Record<string, string>> = {
  Running: STATES.RUNNING,
  Completed: STATES.COMPLETED,
  Failed: STATES.FAILED,
  Canceled: STATES.CANCELED,
  Terminated: STATES.TERMINATED,
  ContinuedAsNew: STATES.CONTINUED_AS_NEW,
  TimedOut: STATES.TIMED_OUT,
};

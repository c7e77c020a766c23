/** What modules and users can do with workflows. What they ask for is in the database when it settles. */
import { HanabiError, LIMITS, type WorkflowDetails } from '@hanabi/protocol';
import { type Fields, historyJson, kindOf, type Payload, type StartRequest, valueOf, wireTime } from '@hanabi/sandbox';
import { newId } from '../ids.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import type { Change } from '../storage/rows.ts';
import type { AttemptResult } from './activity-rows.ts';
import { deleteWorkflows, findRun, startRun, type WorkflowOwner } from './begin-run.ts';
import { type EngineParts, WorkflowEngine } from './engine.ts';
import { followCommandLine } from './follow-command-line.ts';
import { isUnheard, lastArrival, readEvents, type RunRow } from './history.ts';
import type { HostActivities } from './host-activities.ts';
import { listRuns, type ListWish } from './list-runs.ts';
import { findUpdate } from './messages.ts';
import { type ActivityTarget, beatOpenActivity, endOpenActivity } from './open-activities.ts';
import {
  askForUpdate,
  cancelRun,
  payloadsOf,
  resetRunTo,
  signalRun,
  startRefusal,
  terminateRun,
  updateView,
} from './run-changes.ts';
import { detailsOf } from './run-details.ts';
import { commandsOf } from './run-memory.ts';
import { runnableModule } from './runnable.ts';
import { jsonOf, resultOf, summaryOf } from './run-view.ts';

import type { OwnedRun, StartWish, WorkflowKeeper, WorkflowTarget } from './workflow-keeper.ts';

export class Workflows implements WorkflowKeeper {
  readonly keepsHistories = true;
  private readonly parts: EngineParts;
  private readonly engine: WorkflowEngine;
  private stopFollowing = () => {};

  constructor(parts: Omit<EngineParts, 'commits'>) {
    this.parts = { ...parts, commits: new GroupCommit(parts.db) };
    this.engine = new WorkflowEngine(this.parts);
  }

  async start(host: HostActivities): Promise<void> {
    await this.engine.start(host);
    if (!this.parts.works_off) return;
    this.stopFollowing = await followCommandLine(this.parts, {
      changed: () => this.engine.changedElsewhere(),
      query: async (run, name, args) => (await this.query(run, targetOf(run), name, args)).value,
    });
  }

  close(): Promise<void> {
    this.stopFollowing();
    return this.engine.close();
  }

  /** One that waits since the server was restored from a backup goes on. */
  async resume(owner: WorkflowOwner, target: WorkflowTarget): Promise<void> {
    const run = await this.find(owner, target);
    await this.parts.db.updateTable('workflow_runs').set({ paused: 0 }).where('run_id', '=', run.run_id).execute();
    this.engine.changed(run);
  }

  /** HANABI-W028, W030, Q016. */
  async begin(owner: WorkflowOwner, wish: StartWish): Promise<{ id: string; run_id: string }> {
    await runnableModule(this.parts, owner);
    const id = wish.id ?? newId();
    const request: StartRequest = {
      workflowId: id,
      workflowType: wish.workflow,
      taskQueue: owner.module_id,
      input: payloadsOf(wish.args),
      ...(wish.idReusePolicy ? { idReusePolicy: wish.idReusePolicy } : {}),
      ...(wish.idConflictPolicy ? { idConflictPolicy: wish.idConflictPolicy } : {}),
      ...(wish.startDelayMs ? { delay_ms: wish.startDelayMs } : {}),
      options: {
        ...(wish.runTimeoutMs ? { workflowRunTimeout: wireTime(wish.runTimeoutMs) } : {}),
        ...(wish.cronSchedule ? { cronSchedule: wish.cronSchedule } : {}),
      },
    };
    try {
      const run_id = await this.parts.commits.run((db) => startRun(db, owner, request));
      this.engine.changed({ ...owner, run_id });
      return { id, run_id };
    } catch (error) {
      throw startRefusal(error);
    }
  }

  async signal(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: readonly unknown[],
    signalId?: string,
  ) {
    const run = await this.find(owner, target);
    await this.happens(run, (db) => signalRun(db, run, { name, args }, signalId));
  }

  async cancel(owner: WorkflowOwner, target: WorkflowTarget, reason = 'requested by its user'): Promise<void> {
    const run = await this.find(owner, target);
    await this.happens(run, (db) => cancelRun(db, run, reason));
  }

  async terminate(owner: WorkflowOwner, target: WorkflowTarget, reason = 'terminated by its user'): Promise<void> {
    const run = await this.find(owner, target);
    await this.happens(run, (db) => terminateRun(db, run, reason));
    await this.engine.interrupted(run);
  }

  /** HANABI-W031 with what the query failed with. */
  async query(owner: WorkflowOwner, target: WorkflowTarget, name: string, args?: readonly unknown[]) {
    const found = await this.find(owner, target);
    // What it was told before it hears of first, so that whoever has told it something finds that in the answer.
    const { run_id } = found;
    const told = await lastArrival(this.parts.db, run_id);
    const run =
      (await this.engine.until(run_id, LIMITS.workflow_result_wait_ms_max, async () => {
        const row = await this.find(owner, { ...target, runId: run_id });
        if (row.failures > 0 || row.paused === 1 || row.status !== 'RUNNING') return row;
        // Before its first task there is nobody to ask.
        const isBehind = row.events === 1 || (told !== undefined && (await isUnheard(this.parts.db, run_id, told)));
        return isBehind ? undefined : row;
      })) ?? found;
    const job = { queryId: 'query', queryType: name, arguments: payloadsOf(args) };
    try {
      return { value: jsonOf(valueOf((await this.ask(run, job))['response'] as Payload | undefined)) };
    } catch (error) {
      if (error instanceof HanabiError) throw error;
      throw new HanabiError(
        'HANABI-W031',
        (error as Error).message.slice(0, LIMITS.workflow_query_failure_chars_max).toWellFormed(),
      );
    }
  }

  /** Settles when it is answered, or after a while. The same id again is the same update. */
  async update(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: readonly unknown[],
    updateId = newId(),
  ) {
    const run = await this.find(owner, target);
    const known = await findUpdate(this.parts.db, run, updateId);
    if (!known) await this.happens(run, (db) => askForUpdate(db, run, { name, args }, updateId));
    await this.engine.until(run.run_id, LIMITS.workflow_result_wait_ms_max, async () => {
      const row = await findUpdate(this.parts.db, run, updateId);
      return row?.state === 'done' ? row : undefined;
    });
    return updateView(updateId, await findUpdate(this.parts.db, run, updateId));
  }

  /** An activity that has begun is ended from outside. HANABI-W029, W033. */
  async endActivity(owner: WorkflowOwner, target: WorkflowTarget, activity: ActivityTarget, result: AttemptResult) {
    const run = await this.find(owner, target);
    await this.parts.commits.run((db) => endOpenActivity(db, run.run_id, activity, result));
    await this.engine.interrupted(run);
  }

  /** HANABI-W029, W033. */
  async beatActivity(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    activity: ActivityTarget,
    details?: readonly unknown[],
  ): Promise<{ cancel_requested: boolean }> {
    const run = await this.find(owner, target);
    const payloads = payloadsOf(details);
    const cancel_requested = await this.parts.commits.run((db) => beatOpenActivity(db, run.run_id, activity, payloads));
    this.engine.changed(run);
    return { cancel_requested };
  }

  /** Of the last run of its chain; state "running" where it has not ended after a while. */
  async result(owner: WorkflowOwner, target: WorkflowTarget, wait_ms: number = LIMITS.workflow_result_wait_ms_max) {
    const run = await this.find(owner, target);
    const { workflow_id } = run;
    const deadline = performance.now() + wait_ms;
    let current = run;
    for (;;) {
      const { run_id } = current;
      const rest_ms = Math.max(0, deadline - performance.now());
      const ended = await this.engine.until(run_id, rest_ms, async () => {
        const row = await findRun(this.parts.db, owner, workflow_id, run_id);
        return row && row.status !== 'RUNNING' ? row : undefined;
      });
      if (!ended) return resultOf(current);
      const next = (JSON.parse(ended.outcome ?? '{}') as { newRunId?: string }).newRunId;
      const following = next && (await findRun(this.parts.db, owner, workflow_id, next));
      if (!following) return resultOf(ended);
      current = following;
    }
  }

  /** From before the task that the event belongs to. Returns the new run. HANABI-W029 where nothing was before, W030, Q016. */
  async reset(owner: WorkflowOwner, target: WorkflowTarget, event_id: number): Promise<{ run_id: string }> {
    const run = await this.find(owner, target);
    const run_id = await this.parts.commits.run((db) => resetRunTo(db, run, event_id));
    await this.engine.interrupted(run);
    this.engine.changed({ ...owner, run_id });
    return { run_id };
  }

  async list(owner: WorkflowOwner, wish: ListWish) {
    return { workflows: (await this.rows(owner, wish)).map(summaryOf) };
  }

  async runsOf(user_id: string, wish: ListWish): Promise<OwnedRun[]> {
    return (await this.rows({ user_id }, wish)).map(ownedView);
  }

  async runOf(user_id: string, run_id: string): Promise<OwnedRun> {
    const row = await this.parts.db
      .selectFrom('workflow_runs')
      .selectAll()
      .where('run_id', '=', run_id)
      .where('user_id', '=', user_id)
      .executeTakeFirst();
    if (!row) throw new HanabiError('HANABI-W029');
    return ownedView(row);
  }

  async details(owner: WorkflowOwner, target: WorkflowTarget, module_name: string): Promise<WorkflowDetails> {
    return detailsOf(this.parts.db, await this.find(owner, target), module_name);
  }

  async history(owner: WorkflowOwner, target: WorkflowTarget): Promise<Fields> {
    const { run_id } = await this.find(owner, target);
    return historyJson(await readEvents(this.parts.db, run_id), 'default');
  }

  forget(owner: WorkflowOwner): Promise<void> {
    return deleteWorkflows(this.parts.db, owner);
  }

  /** Of one module of a user, or of all, the newest first. HANABI-V022 for a filter that is not understood. */
  private rows(owner: Pick<WorkflowOwner, 'user_id'> & Partial<WorkflowOwner>, wish: ListWish): Promise<RunRow[]> {
    return listRuns(this.parts.db, owner, wish);
  }

  /** HANABI-W029. */
  private async find(owner: WorkflowOwner, { id, runId }: WorkflowTarget): Promise<RunRow> {
    const run = await findRun(this.parts.db, owner, id, runId);
    if (!run) throw new HanabiError('HANABI-W029', id);
    return run;
  }

  private async happens(run: RunRow, work: (db: Change) => Promise<void>): Promise<void> {
    await this.parts.commits.run(work);
    this.engine.changed(run);
  }

  private ask(run: RunRow, job: Fields): Promise<Fields> {
    const { processes, turns, memory } = this.engine;
    return processes.use(run, (process) =>
      turns.take(run.run_id, async () => {
        const now = await this.find(run, targetOf(run));
        const machine = await memory.recall(now, process);
        const activation = { runId: run.run_id, timestamp: wireTime(Date.now()), isReplaying: false };
        const jobs = [{ queryWorkflow: job }];
        const commands = await commandsOf(process, { ...activation, historyLength: machine.events.length, jobs });
        const answer = commands.map((command) => kindOf(command)[1])[0];
        if (answer?.['succeeded']) return answer['succeeded'] as Fields;
        throw new Error(String(answer?.['failed']?.message ?? 'it has not begun'));
      }),
    );
  }
}

function ownedView(row: RunRow): OwnedRun {
  return { ...summaryOf(row), module_id: row.module_id };
}

function targetOf({ workflow_id, run_id }: RunRow): WorkflowTarget {
  return { id: workflow_id, runId: run_id };
}

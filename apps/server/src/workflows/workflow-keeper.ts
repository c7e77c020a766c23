import type { Results, UserWorkflow, WorkflowDetails } from '@hanabi/protocol';
import type { Fields } from '@hanabi/sandbox';
import type { AttemptResult } from './activity-rows.ts';
import type { WorkflowOwner } from './begin-run.ts';
import type { HostActivities } from './host-activities.ts';
import type { ActivityTarget } from './open-activities.ts';
import type { ListWish } from './list-runs.ts';

/** One workflow of an owner: the newest run of its id, or the named one. */
export interface WorkflowTarget {
  readonly id: string;
  readonly runId?: string | undefined;
}

export interface StartWish {
  readonly workflow: string;
  readonly id?: string | undefined;
  readonly args?: readonly unknown[] | undefined;
  readonly idReusePolicy?: string | undefined;
  readonly idConflictPolicy?: string | undefined;
  readonly runTimeoutMs?: number | undefined;
  readonly startDelayMs?: number | undefined;
  readonly cronSchedule?: string | undefined;
}

/** A run, and whose it is. Its module’s name is for others to find. */
export type OwnedRun = Omit<UserWorkflow, 'module_name'>;

type Arguments = readonly unknown[];

/**
 * What keeps the workflows of modules and moves them on: the database, or a Temporal cluster. An owner names a user’s module,
 * and reaches nobody else’s workflows. Whether it may ask at all has been checked before.
 */
export interface WorkflowKeeper {
  /** Whether histories are in the database, where they can be played again. */
  readonly keepsHistories: boolean;
  start(host: HostActivities): Promise<void>;
  /** Takes nothing new, and ends what is under way so that it is begun again elsewhere. */
  close(): Promise<void>;

  /** HANABI-W028, W030, Q016. */
  begin(owner: WorkflowOwner, wish: StartWish): Promise<Results['HANABI_WORKFLOW_START']>;
  /** The same `signalId` again is the same signal. HANABI-W029. */
  signal(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: Arguments,
    signalId?: string,
  ): Promise<void>;
  /** HANABI-W029; W031 with what the query failed with. */
  query(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: Arguments,
  ): Promise<Results['HANABI_WORKFLOW_QUERY']>;
  /** Settles when it is answered, or after a while. The same id again is the same update. HANABI-W029. */
  update(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    name: string,
    args?: Arguments,
    updateId?: string,
  ): Promise<Results['HANABI_WORKFLOW_UPDATE']>;
  /** Of the last run of its chain; state "running" where it has not ended after a while. HANABI-W029. */
  result(owner: WorkflowOwner, target: WorkflowTarget): Promise<Results['HANABI_WORKFLOW_RESULT']>;
  /** An activity that has begun is ended from outside. HANABI-W029, W033. */
  endActivity(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    activity: ActivityTarget,
    result: AttemptResult,
  ): Promise<void>;
  /** And is alive. HANABI-W029, W033. */
  beatActivity(
    owner: WorkflowOwner,
    target: WorkflowTarget,
    activity: ActivityTarget,
    details?: Arguments,
  ): Promise<{ cancel_requested: boolean }>;
  cancel(owner: WorkflowOwner, target: WorkflowTarget, reason?: string): Promise<void>;
  terminate(owner: WorkflowOwner, target: WorkflowTarget, reason?: string): Promise<void>;
  /** One that waits since the server was restored from a backup goes on. HANABI-W029. */
  resume(owner: WorkflowOwner, target: WorkflowTarget): Promise<void>;
  /** From before the task that the event belongs to. Returns the new run. HANABI-W029 where nothing was before, W030, Q016. */
  reset(owner: WorkflowOwner, target: WorkflowTarget, event_id: number): Promise<{ run_id: string }>;

  /** The newest first. HANABI-V022 for a filter that is not understood. */
  list(owner: WorkflowOwner, wish: ListWish): Promise<Results['HANABI_WORKFLOW_LIST']>;
  /** Of all modules of a user, the newest first. */
  runsOf(user_id: string, wish: ListWish): Promise<OwnedRun[]>;
  /** HANABI-W029 where the user has no such run. */
  runOf(user_id: string, run_id: string): Promise<OwnedRun>;
  details(owner: WorkflowOwner, target: WorkflowTarget, module_name: string): Promise<WorkflowDetails>;
  /** In the JSON form of Temporal’s tools. */
  history(owner: WorkflowOwner, target: WorkflowTarget): Promise<Fields>;
  /** All that there is of a module’s workflows. Whoever executes one finds nothing to go on with. */
  forget(owner: WorkflowOwner): Promise<void>;
}

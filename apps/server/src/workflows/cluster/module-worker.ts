import { type CancelReason, HanabiError, LIMITS } from '@hanabi/protocol';
import {
  type Activation,
  type Completion,
  EngineError,
  type Failure,
  type Fields,
  type Payload,
  type WorkflowProcess,
  type WorkflowWorker,
} from '@hanabi/sandbox';
import type { Logger } from 'pino';
import { failureOf, requireSmall } from '../activity-answers.ts';
import { isHostActivity } from '../activity-rows.ts';
import type { WorkflowOwner } from '../begin-run.ts';
import type { HostActivities } from '../host-activities.ts';
import type { WorkflowProcesses } from '../processes.ts';
import { taskFailureOf } from '../run-task.ts';
import { performAttempt, prepareAttempt, type SealedParts } from '../sealed-attempt.ts';
import { activationFor, completionOf } from './border.ts';
import { ownedIn } from './names.ts';

export interface WorkerParts extends SealedParts {
  log: Logger;
  processes: WorkflowProcesses;
  host: HostActivities;
  /** HANABI-Q016 where the owner may not have so many workflows more. */
  requireRoom: (owner: WorkflowOwner, wanted: number) => Promise<void>;
}

interface Held {
  readonly owner: WorkflowOwner;
  process?: WorkflowProcess;
}

interface Attempt {
  /** Ends it at once. */
  readonly stop: AbortController;
  /** Asks its code to end. */
  readonly wish: AbortController;
  /** Code of the module runs, and can be asked. */
  hasCode: boolean;
  grace: NodeJS.Timeout | undefined;
  requireStillGranted: () => Promise<void>;
  /** Why it is ended from here. */
  reason: CancelReason | HanabiError | undefined;
}

/** Works off the tasks of one module that the cluster gives out: in sealed processes of the users whose workflows they are. */
export class ModuleWorker implements WorkflowWorker {
  private readonly parts: WorkerParts;
  private readonly module_id: string;
  private readonly beat: (token: string, details: readonly Payload[]) => void;
  /** Runs that the cluster takes to be in memory here, and where they are. */
  private readonly runs = new Map<string, Held>();
  private readonly attempts = new Map<string, Attempt>();

  constructor(parts: WorkerParts, module_id: string, beat: (token: string, details: readonly Payload[]) => void) {
    this.parts = parts;
    this.module_id = module_id;
    this.beat = beat;
  }

  ownerOf(run_id: string): WorkflowOwner | undefined {
    return this.runs.get(run_id)?.owner;
  }

  async activate(activation: Activation): Promise<Completion> {
    const { runId, jobs } = activation;
    if (jobs.some((job) => 'removeFromCache' in job)) return this.forget(activation);
    try {
      const run = this.runOf(activation);
      return await this.parts.processes.use(run.owner, async (process) => {
        const isNew = jobs.some((job) => 'initializeWorkflow' in job);
        // The cluster gives the task out again, with the whole history.
        if (!isNew && run.process !== process) throw new HanabiError('HANABI-W016');
        run.process = process;
        const completion = completionOf(run.owner, await process.activate(activationFor(run.owner, activation)));
        const children = startedBy(completion);
        if (children > 0 && !activation.isReplaying) await this.parts.requireRoom(run.owner, children);
        return completion;
      });
    } catch (error) {
      return { runId, failed: { failure: taskFailureOf(error) } };
    }
  }

  async runActivity(token: string, start: Fields): Promise<Fields> {
    const { workflowId, runId: run_id } = start['workflowExecution'] as Fields;
    const { owner, id } = this.owned(workflowId);
    const attempt = newAttempt();
    this.attempts.set(token, attempt);
    try {
      const type = String(start['activityType']);
      if (isHostActivity(type)) return await this.runHere(attempt, type, { ...owner, run_id }, start);
      const told = { ...start, workflowExecution: { workflowId: id, runId: run_id } };
      const sealed = await prepareAttempt(
        this.parts,
        { owner, workflow_id: id, token, start: told },
        attempt.stop.signal,
      );
      attempt.requireStillGranted = sealed.requireStillGranted;
      const started = () => void (attempt.hasCode = true);
      const beat = (details: readonly Payload[]) => this.beat(token, details);
      const result = await performAttempt(this.parts, sealed, attempt.stop, { started, beat }, attempt.wish.signal);
      // The cluster takes a cancellation only where it has asked for one.
      return 'cancelled' in result && attempt.reason !== 'cancel_requested' ? this.endOf(attempt, undefined) : result;
    } catch (error) {
      return this.endOf(attempt, error);
    } finally {
      clearTimeout(attempt.grace);
      this.attempts.delete(token);
    }
  }

  cancelActivity(token: string, reason: CancelReason): void {
    const attempt = this.attempts.get(token);
    if (!attempt?.hasCode) {
      this.end(attempt, reason);
      return;
    }
    attempt.reason ??= reason;
    attempt.wish.abort(reason);
    const { workflow_activity_stop_ms, workflow_activity_grace_ms } = LIMITS;
    clearTimeout(attempt.grace);
    attempt.grace = setTimeout(
      () => attempt.stop.abort(),
      reason === 'worker_shutdown' ? workflow_activity_stop_ms : workflow_activity_grace_ms,
    );
  }

  /** A right that is taken away ends what runs by it. */
  async stopRevoked(): Promise<void> {
    for (const attempt of this.attempts.values()) {
      await attempt.requireStillGranted().catch((error: unknown) => {
        this.end(attempt, error instanceof HanabiError ? error : new HanabiError('HANABI-V009'));
      });
    }
  }

  private runOf({ runId, jobs }: Activation): Held {
    const known = this.runs.get(runId);
    if (known) return known;
    const start = jobs.find((job) => 'initializeWorkflow' in job)?.['initializeWorkflow'];
    const run: Held = { owner: this.owned(start?.['workflowId']).owner };
    this.runs.set(runId, run);
    return run;
  }

  private async forget(activation: Activation): Promise<Completion> {
    const { runId } = activation;
    const run = this.runs.get(runId);
    this.runs.delete(runId);
    await run?.process?.activate(activation).catch(() => undefined); // where the process is gone, so is what it held
    return { runId, successful: { commands: [] } };
  }

  /** Whoever else may write to this queue: here are only the workflows of this module. */
  private owned(name: unknown) {
    const named = ownedIn(String(name));
    if (named?.owner.module_id === this.module_id) return named;
    throw new EngineError('INVALID_ARGUMENT', `${String(name)} is no workflow of ${this.module_id}`);
  }

  private async runHere(attempt: Attempt, type: string, run: WorkflowOwner & { run_id: string }, start: Fields) {
    const input = (start['input'] ?? []) as Payload[];
    const result = await this.parts.host({ type, input, run, signal: attempt.stop.signal });
    requireSmall(Buffer.byteLength(JSON.stringify(result)));
    return { completed: { result } };
  }

  private endOf({ reason }: Attempt, error: unknown): Fields {
    if (reason === 'cancel_requested') {
      return { cancelled: { failure: { message: 'Cancelled', canceledFailureInfo: {} } } };
    }
    if (typeof reason === 'string') return { failed: { failure: interrupted(reason) } };
    const cause = reason ?? error;
    const known = cause instanceof HanabiError ? cause : new HanabiError('HANABI-V009');
    if (known !== cause) this.parts.log.error({ err: error }, 'an activity failed');
    return { failed: { failure: failureOf(known) } };
  }

  private end(attempt: Attempt | undefined, reason: Attempt['reason']): void {
    if (!attempt) return;
    attempt.reason ??= reason;
    attempt.stop.abort();
  }
}

/** How many children it begins. */
function startedBy({ successful }: Completion): number {
  return successful?.commands.filter((command) => 'startChildWorkflowExecution' in command).length ?? 0;
}

function newAttempt(): Attempt {
  return {
    stop: new AbortController(),
    wish: new AbortController(),
    hasCode: false,
    grace: undefined,
    requireStillGranted: async () => {},
    reason: undefined,
  };
}

/** It is tried again, as its policy says. */
function interrupted(reason: CancelReason): Failure {
  return { message: `The attempt was ended: ${reason}`, applicationFailureInfo: { type: reason } };
}

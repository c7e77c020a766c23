/** Runs as far as this server has them in memory: the machine that knows the history, and the process that knows the code. */
import { LIMITS } from '@hanabi/protocol';
import {
  type Activation,
  type Completion,
  type Failure,
  RunMachine,
  type WorkflowCommand,
  type WorkflowProcess,
} from '@hanabi/sandbox';
import type { Db } from '../storage/db.ts';
import { readEvents, type RunRow } from './history.ts';

interface Known {
  machine: RunMachine;
  process: WorkflowProcess;
}

/** The code of the workflow failed, and with it only this task. */
export class TaskFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message ?? 'the task failed');
    this.failure = failure;
  }
}

export class RunMemory {
  private readonly db: Db;
  /** The one that was used last comes last. */
  private readonly known = new Map<string, Known>();

  constructor(db: Db) {
    this.db = db;
  }

  /** The run where its history ends, in memory of this process: played again where it was not. */
  async recall(row: Pick<RunRow, 'run_id' | 'events'>, process: WorkflowProcess): Promise<RunMachine> {
    const { run_id } = row;
    const known = this.known.get(run_id);
    // Another server, or another process, may have gone on with it.
    if (known?.process === process && known.machine.events.length === row.events) {
      this.known.delete(run_id);
      this.known.set(run_id, known);
      return known.machine;
    }
    const machine = new RunMachine(run_id, (await readEvents(this.db, run_id)).slice(0, row.events));
    this.known.delete(run_id);
    this.known.set(run_id, { machine, process });
    await this.makeRoom();
    for (let next = machine.nextActivation(); next; next = machine.nextActivation()) {
      machine.complete(await commandsOf(process, next), Date.now());
    }
    return machine;
  }

  /** What is in memory of it is not what its history says, or nobody will ask for it soon. */
  async forget(run_id: string): Promise<void> {
    const known = this.known.get(run_id);
    if (!known) return;
    this.known.delete(run_id);
    const leave = {
      runId: run_id,
      timestamp: {},
      isReplaying: false,
      historyLength: 0,
      jobs: [{ removeFromCache: {} }],
    };
    await known.process.activate(leave).catch(() => undefined); // where the process is gone, so is what it held
  }

  private async makeRoom(): Promise<void> {
    const oldest = this.known.keys().next();
    if (this.known.size > LIMITS.workflow_cached_runs_max && !oldest.done) await this.forget(oldest.value);
  }
}

/** Throws TaskFailure. */
export async function commandsOf(
  process: { activate(activation: Activation): Promise<Completion> },
  activation: Activation,
): Promise<readonly WorkflowCommand[]> {
  const { successful, failed } = await process.activate(activation);
  if (successful) return successful.commands;
  throw new TaskFailure(failed?.failure ?? {});
}

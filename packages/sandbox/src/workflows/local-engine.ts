import { randomUUID } from 'node:crypto';
import { Attempts } from './attempts.ts';
import { startDelay } from './cron.ts';
import { EngineError } from './engine-error.ts';
import { LocalRun } from './local-run.ts';
import { perform } from './run-effects.ts';
import { Timers } from './timers.ts';
import { mayReuse, startedEvent, type StartRequest } from './start-events.ts';
import { type HistoryEvent, milliseconds } from './wire.ts';
import type { WorkflowWorker } from './worker.ts';

/** Workflows in memory, for one process: they end with it. The server keeps the same runs in its database. */
export class LocalEngine {
  readonly timers = new Timers();
  readonly attempts: Attempts;
  /** Runs of each workflow id, the newest last. */
  readonly #runs = new Map<string, LocalRun[]>();
  readonly #workers = new Map<string, WorkflowWorker>();
  readonly #observers: ((run: LocalRun, event: HistoryEvent) => void)[] = [];
  readonly #awaited = new Map<string, ((worker: WorkflowWorker) => void)[]>();

  readonly taskFailed: (run: LocalRun, error: Error) => void;

  /** `taskFailed` hears of each task that the code of a workflow failed, which is tried again later. */
  constructor(taskFailed: (run: LocalRun, error: Error) => void) {
    this.taskFailed = taskFailed;
    this.attempts = new Attempts(this.timers, (queue) => this.workerOf(queue));
  }

  /** Tells of every event, as it comes into history. */
  observe(observer: (run: LocalRun, event: HistoryEvent) => void): void {
    this.#observers.push(observer);
  }

  /** The event is in history now: what it asks for is done, and who wants to know is told. */
  recorded(run: LocalRun, event: HistoryEvent): void {
    perform(this, run, event);
    for (const observer of this.#observers) observer(run, event);
  }

  addWorker(taskQueue: string, worker: WorkflowWorker): void {
    this.#workers.set(taskQueue, worker);
    for (const resolve of this.#awaited.get(taskQueue) ?? []) resolve(worker);
    this.#awaited.delete(taskQueue);
  }

  removeWorker(taskQueue: string): void {
    this.#workers.delete(taskQueue);
    for (const runs of this.#runs.values()) for (const run of runs) if (run.taskQueue === taskQueue) run.evict();
  }

  /** Waits until there is one. */
  workerOf(taskQueue: string): Promise<WorkflowWorker> {
    const worker = this.#workers.get(taskQueue);
    if (worker) return Promise.resolve(worker);
    return new Promise((resolve) => {
      this.#awaited.set(taskQueue, [...(this.#awaited.get(taskQueue) ?? []), resolve]);
    });
  }

  start(request: StartRequest): LocalRun {
    const { workflowId, idConflictPolicy, idReusePolicy } = request;
    const last = this.#runs.get(workflowId)?.at(-1);
    if (last && !last.isClosed) {
      if (idConflictPolicy === 'USE_EXISTING') return last;
      if (idConflictPolicy !== 'TERMINATE_EXISTING' && idReusePolicy !== 'TERMINATE_IF_RUNNING')
        throw alreadyStarted(last);
      last.terminate('replaced by a new run');
    } else if (last && !mayReuse(idReusePolicy, last.status)) throw alreadyStarted(last);
    const run = this.#open({ ...request, delay_ms: startDelay(request, this.timers.now_ms()) });
    if (request.signal) run.signal(request.signal.name, request.signal.input);
    return run;
  }

  /** The run that follows one of the same chain. */
  follow(request: StartRequest): LocalRun {
    return this.#open(request);
  }

  #open(request: StartRequest): LocalRun {
    const { workflowId, options = {}, delay_ms } = request;
    const runId = randomUUID();
    const run = new LocalRun(this, startedEvent(request, runId).attributes);
    this.#runs.set(workflowId, [...(this.#runs.get(workflowId) ?? []), run]);
    const limit_ms = milliseconds(options['workflowRunTimeout']) ?? milliseconds(options['workflowExecutionTimeout']);
    if (limit_ms) this.timers.set(`${runId} run`, limit_ms, () => run.timeOut());
    run.begin(delay_ms);
    return run;
  }

  /** The run of this id; the newest where none is named. */
  find(workflowId: string, runId?: string): LocalRun {
    const runs = this.#runs.get(workflowId);
    const run = runId ? runs?.find((each) => each.runId === runId) : runs?.at(-1);
    if (!run)
      throw new EngineError('NOT_FOUND', `there is no workflow ${workflowId}${runId ? ` with run ${runId}` : ''}`);
    return run;
  }

  list(): LocalRun[] {
    return [...this.#runs.values()].flat();
  }

  history(workflowId: string, runId?: string): readonly HistoryEvent[] {
    return this.find(workflowId, runId).history;
  }

  close(): void {
    this.timers.clearAll();
  }
}

function alreadyStarted(run: LocalRun): EngineError {
  return new EngineError('ALREADY_STARTED', `workflow ${run.workflowId} is there already`, { runId: run.runId });
}

import { randomUUID } from 'node:crypto';
import { Attempts } from './attempts.ts';
import { EngineError } from './engine-error.ts';
import { LocalRun } from './local-run.ts';
import { perform } from './run-effects.ts';
import { Timers } from './timers.ts';
import { retryVerdict } from './retry.ts';
import { type Failure, type Fields, type HistoryEvent, milliseconds, type Payload } from './wire.ts';
import type { WorkflowWorker } from './worker.ts';

/** What a workflow is started with. */
export interface StartRequest {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  /** ALLOW_DUPLICATE when it is left out. */
  readonly idReusePolicy?: string;
  /** FAIL when it is left out. */
  readonly idConflictPolicy?: string;
  /** How long its first task is put off. */
  readonly delay_ms?: number;
  readonly signal?: { readonly name: string; readonly input: readonly Payload[] };
  /** Time-outs, retry policy, memo, search attributes, parent and so on, as the start event has them. */
  readonly options?: Fields;
}

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
    const run = this.#open(request, request.options ?? {});
    if (request.signal) run.signal(request.signal.name, request.signal.input);
    return run;
  }

  /** The same workflow goes on in a new run. */
  continueAs(run: LocalRun, attributes: Fields): LocalRun {
    const { workflowType, taskQueue, arguments: input, memo, searchAttributes } = attributes;
    return this.#open(
      { workflowId: run.workflowId, workflowType, taskQueue: taskQueue || run.taskQueue, input: input ?? [] },
      {
        ...inherited(run),
        ...pick(attributes, ['workflowRunTimeout', 'workflowTaskTimeout', 'retryPolicy']),
        ...(memo ? { memo: { fields: memo } } : {}),
        ...(searchAttributes ? { searchAttributes } : {}),
        attempt: 1,
      },
    );
  }

  /** Another run after one that failed, if its retry policy says so. */
  retry(run: LocalRun, failure: Failure): LocalRun | undefined {
    const { retryPolicy, attempt, input } = run.startAttributes;
    if (!retryPolicy) return undefined;
    const verdict = retryVerdict(retryPolicy, { attempt, failure, left_ms: undefined });
    if (!verdict.again) return undefined;
    const { workflowId, workflowType, taskQueue } = run;
    const options = { ...inherited(run), attempt: attempt + 1 };
    return this.#open({ workflowId, workflowType, taskQueue, input, delay_ms: verdict.delay_ms }, options);
  }

  #open({ workflowId, workflowType, taskQueue, input, delay_ms }: StartRequest, options: Fields): LocalRun {
    const runId = randomUUID();
    const run = new LocalRun(this, {
      runId,
      workflowId,
      workflowType,
      taskQueue,
      attributes: {
        ...options,
        runId,
        workflowId,
        workflowType: { name: workflowType },
        taskQueue: { name: taskQueue },
        input,
        randomnessSeed: String(BigInt(`0x${runId.replaceAll('-', '').slice(0, 16)}`)),
        firstExecutionRunId: (options['firstExecutionRunId'] as string | undefined) ?? runId,
        attempt: options['attempt'] ?? 1,
      },
    });
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

function mayReuse(policy: string | undefined, status: string): boolean {
  if (policy === 'REJECT_DUPLICATE') return false;
  return policy !== 'ALLOW_DUPLICATE_FAILED_ONLY' || status !== 'COMPLETED';
}

function alreadyStarted(run: LocalRun): EngineError {
  return new EngineError('ALREADY_STARTED', `workflow ${run.workflowId} is there already`, { runId: run.runId });
}

/** What a run hands on to the next of its chain. */
function inherited({ startAttributes, runId }: LocalRun): Fields {
  const names = ['workflowExecutionTimeout', 'workflowRunTimeout', 'workflowTaskTimeout', 'retryPolicy', 'memo'];
  const family = ['searchAttributes', 'parentWorkflowInfo', 'parentInitiatedEventId', 'firstExecutionRunId'];
  return { ...pick(startAttributes, [...names, ...family]), continuedFromExecutionRunId: runId };
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}

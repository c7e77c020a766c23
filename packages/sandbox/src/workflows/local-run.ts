import { LIMITS } from '@hanabi/protocol';
import { cronRequest } from './cron.ts';
import { deferred } from './deferred.ts';
import { EngineError } from './engine-error.ts';
import { attributesAfter } from './listing/attributes.ts';
import type { Listed } from './listing/matches.ts';
import type { LocalEngine } from './local-engine.ts';
import { LocalUpdates } from './local-updates.ts';
import { NondeterminismError } from './nondeterminism.ts';
import { endOf, type RunEnd, type RunStatus } from './run-end.ts';
import { timerName } from './run-effects.ts';
import { RunMachine } from './run-machine.ts';
import { continuedRequest, retriedRequest, type StartRequest } from './start-events.ts';
import {
  type Completion,
  type Failure,
  type Fields,
  type HistoryEvent,
  kindOf,
  type NewEvent,
  type Payload,
  wireTime,
} from './wire.ts';

interface Question {
  readonly job: Fields;
  resolve(answer: Fields): void;
  reject(error: Error): void;
}

interface Child {
  readonly run: LocalRun;
  readonly policy: string;
  readonly initiatedEventId: number;
}

/** One run: its history, and the one loop that tells its code what happened and takes what it wants. */
export class LocalRun {
  readonly runId: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly startAttributes: Fields;
  readonly children: Child[] = [];
  readonly closed: Promise<RunEnd>;
  readonly #engine: LocalEngine;
  readonly #updates = new LocalUpdates();
  #machine: RunMachine;
  /** Whether the worker holds the state that the machine describes. */
  #cached = false;
  #busy = false;
  #failures = 0;
  #questions: Question[] = [];
  #end: RunEnd | undefined;
  #settle: (end: RunEnd) => void;
  /** What the last task failed with, while it is tried again. */
  lastTaskFailure: Failure | undefined;

  /** `attributes`: of its first event. */
  constructor(engine: LocalEngine, attributes: Fields) {
    this.#engine = engine;
    this.startAttributes = attributes;
    this.runId = attributes['runId'];
    this.workflowId = attributes['workflowId'];
    this.workflowType = attributes['workflowType'].name;
    this.taskQueue = attributes['taskQueue'].name;
    this.#machine = new RunMachine(this.runId, []);
    const end = deferred<RunEnd>();
    this.closed = end.promise;
    this.#settle = end.resolve;
  }

  get history(): readonly HistoryEvent[] {
    return this.#machine.events;
  }

  get status(): RunStatus {
    return this.#end?.status ?? 'RUNNING';
  }

  get isClosed(): boolean {
    return this.#end !== undefined;
  }

  /** Its first task comes after the delay, or with the first signal or the wish to cancel it. */
  begin(delay_ms = 0): void {
    const { timers } = this.#engine;
    const started = { eventType: 'WORKFLOW_EXECUTION_STARTED', attributes: this.startAttributes };
    this.#take(this.#machine.receive(started, timers.now_ms()));
    if (delay_ms === 0) this.#wake();
    else timers.set(this.#retryTimer, delay_ms, () => this.#wake());
  }

  /** Something happened to this run. After its end nothing does. */
  receive(event: NewEvent): void {
    if (this.isClosed) return;
    this.#take(this.#machine.receive(event, this.#engine.timers.now_ms()));
    this.#wake();
  }

  signal(signalName: string, input: readonly Payload[]): void {
    this.#assertOpen();
    this.#beginNow();
    this.receive({ eventType: 'WORKFLOW_EXECUTION_SIGNALED', attributes: { signalName, input } });
  }

  cancel(cause: string): void {
    this.#assertOpen();
    this.#beginNow();
    this.receive({ eventType: 'WORKFLOW_EXECUTION_CANCEL_REQUESTED', attributes: { cause } });
  }

  /** Its first task was put off, and there is something to hear now. */
  #beginNow(): void {
    if (this.history.length === 1) this.#engine.timers.clear(this.#retryTimer);
  }

  terminate(reason: string): void {
    this.#assertOpen();
    this.#force('WORKFLOW_EXECUTION_TERMINATED', { reason });
  }

  timeOut(): void {
    if (!this.isClosed) this.#force('WORKFLOW_EXECUTION_TIMED_OUT', {});
  }

  query(queryType: string, input: readonly Payload[]): Promise<Fields> {
    return new Promise((resolve, reject) => {
      this.#questions.push({ job: { queryId: 'query', queryType, arguments: input }, resolve, reject });
      this.#wake();
    });
  }

  /** The same id again is the same update. Resolves once it is accepted or answered. */
  async update(updateId: string, name: string, input: readonly Payload[]): Promise<void> {
    if (!this.#updates.has(updateId)) {
      this.#assertOpen();
      this.#updates.open(updateId);
      this.#machine.update(updateId, { id: updateId, name, input });
      this.#wake();
    }
    await this.#updates.acceptanceOf(updateId);
  }

  outcomeOf(updateId: string): Promise<Fields> {
    return this.#updates.outcomeOf(updateId);
  }

  /** The end of this run or of the last of those that it continues as. */
  async endOfChain(): Promise<RunEnd> {
    const end = await this.closed;
    return end.newRunId ? this.#engine.find(this.workflowId, end.newRunId).endOfChain() : end;
  }

  /** The worker that had it in memory is gone. */
  evict(): void {
    this.#cached = false;
  }

  describe(): Fields {
    return {
      workflowId: this.workflowId,
      runId: this.runId,
      workflowType: this.workflowType,
      taskQueue: this.taskQueue,
      status: this.status,
      startTime: wireTime(this.history[0]?.eventTime_ms ?? 0),
      closeTime: this.isClosed ? wireTime(this.history.at(-1)?.eventTime_ms ?? 0) : undefined,
      historyLength: this.history.length,
      memo: this.#marks('memo', 'fields', 'WORKFLOW_PROPERTIES_MODIFIED', 'upsertedMemo'),
      searchAttributes: {
        indexedFields: this.#marks(
          'searchAttributes',
          'indexedFields',
          'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
          'searchAttributes',
        ),
      },
      pendingActivities: this.#engine.attempts.pendingOf(this.runId),
      lastTaskFailure: this.lastTaskFailure,
    };
  }

  /** As it is found in a list. */
  listed(): Listed {
    const { history, isClosed } = this;
    return {
      fields: {
        WorkflowId: this.workflowId,
        WorkflowType: this.workflowType,
        RunId: this.runId,
        TaskQueue: this.taskQueue,
        ExecutionStatus: this.status,
        StartTime: history[0]?.eventTime_ms ?? null,
        CloseTime: isClosed ? (history.at(-1)?.eventTime_ms ?? null) : null,
        HistoryLength: history.length,
      },
      attributes: attributesAfter(history),
    };
  }

  /** What it was started with, and what it set later. */
  #marks(started: string, field: string, eventType: string, changed: string): Fields {
    const changes = this.history.filter((event) => event.eventType === eventType);
    return Object.assign(
      {},
      this.startAttributes[started]?.[field],
      ...changes.map(({ attributes }) => attributes[changed]?.[field]),
    ) as Fields;
  }

  #assertOpen(): void {
    if (this.isClosed) throw new EngineError('NOT_FOUND', `workflow ${this.workflowId} has already ended`);
  }

  #wake(): void {
    if (this.#busy) return;
    this.#busy = true;
    // In a turn of its own, so that what happens together is told together.
    queueMicrotask(() => {
      void this.#work().finally(() => {
        this.#busy = false;
        if ((!this.isClosed && this.#machine.wantsTask && this.#failures === 0) || this.#questions.length > 0)
          this.#wake();
      });
    });
  }

  async #work(): Promise<void> {
    try {
      if (!this.isClosed && this.#machine.wantsTask && !this.#engine.timers.has(this.#retryTimer)) {
        await this.#step();
        this.#failures = 0;
        this.lastTaskFailure = undefined;
      }
      if (this.#questions.length > 0) await this.#answerQuestions();
    } catch (error) {
      this.#taskFailed(error as Error);
    }
  }

  async #step(): Promise<void> {
    await this.#replay();
    this.#machine.beginTask(this.#engine.timers.now_ms());
    await this.#tell();
  }

  /** Brings a worker that does not hold the run to where history ends. */
  async #replay(): Promise<void> {
    if (this.#cached) return;
    const updates = this.#machine.openUpdates;
    this.#machine = new RunMachine(this.runId, this.#machine.events);
    for (const [id, request] of updates) this.#machine.update(id, request);
    await this.#tell();
    this.#cached = this.#machine.events.some(({ eventType }) => eventType === 'WORKFLOW_TASK_COMPLETED');
  }

  async #tell(): Promise<void> {
    const machine = this.#machine;
    for (let next = machine.nextActivation(); next; next = machine.nextActivation()) {
      const worker = await this.#engine.workerOf(this.taskQueue);
      this.#cached = true;
      const commands = commandsOf(await worker.activate(next));
      // It was ended while its code was thinking. (One that has ended is still played again, for questions.)
      if (this.isClosed && !next.isReplaying) return;
      this.#take(machine.complete(commands, this.#engine.timers.now_ms()));
      for (const command of commands) this.#updates.answer(command);
    }
  }

  async #answerQuestions(): Promise<void> {
    await this.#replay();
    const worker = await this.#engine.workerOf(this.taskQueue);
    for (const question of this.#questions.splice(0)) {
      const timestamp = wireTime(this.#engine.timers.now_ms());
      const activation = { runId: this.runId, timestamp, isReplaying: false, historyLength: this.history.length };
      const done = await worker.activate({ ...activation, jobs: [{ queryWorkflow: question.job }] });
      const answer = done.successful?.commands.map((command) => kindOf(command)[1])[0];
      if (answer?.['succeeded']) question.resolve(answer['succeeded'] as Fields);
      else {
        const message = (answer?.['failed']?.message as string | undefined) ?? done.failed?.failure.message ?? '';
        question.reject(new EngineError('QUERY_FAILED', message));
      }
    }
  }

  #take(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      this.#engine.recorded(this, event);
      const end = this.#endOf(event);
      if (end) this.#finish(end);
    }
  }

  #endOf(event: HistoryEvent): RunEnd | undefined {
    const end = endOf(this.runId, event);
    if (!end) return undefined;
    const { status, failure = {} } = end;
    const started = this.startAttributes;
    const now_ms = this.#engine.timers.now_ms();
    const next =
      status === 'CONTINUED_AS_NEW'
        ? continuedRequest(started, event.attributes)
        : status === 'FAILED' || status === 'TIMED_OUT'
          ? retriedRequest(started, failure)
          : undefined;
    return {
      ...end,
      newRunId: this.#follow(next ?? (this.#isCancelled ? undefined : cronRequest(started, end, now_ms, now_ms))),
    };
  }

  /** Whatever it made of that, it does not come again. */
  get #isCancelled(): boolean {
    return this.history.some(({ eventType }) => eventType === 'WORKFLOW_EXECUTION_CANCEL_REQUESTED');
  }

  #follow(request: StartRequest | undefined): string | undefined {
    return request && this.#engine.follow(request).runId;
  }

  #finish(end: RunEnd): void {
    this.#end = end;
    this.#engine.attempts.abandon(this.runId);
    this.#engine.timers.clear(`${this.runId} run`);
    this.#engine.timers.clear(this.#retryTimer);
    for (const { eventId, eventType } of this.history) {
      if (eventType === 'TIMER_STARTED') this.#engine.timers.clear(timerName(this, eventId));
    }
    this.#updates.endWithRun();
    this.#settle(end);
    void this.#leaveCache();
    if (end.newRunId === undefined) this.#closeChildren();
  }

  /** An ended run is asked at most a question now and then, for which it is played again. */
  async #leaveCache(): Promise<void> {
    this.#cached = false;
    const worker = await this.#engine.workerOf(this.taskQueue);
    const activation = { runId: this.runId, timestamp: {}, isReplaying: false, historyLength: this.history.length };
    // Where the process is gone, so is what it held.
    await worker.activate({ ...activation, jobs: [{ removeFromCache: {} }] }).catch(() => undefined);
  }

  #closeChildren(): void {
    for (const { run, policy } of this.children) {
      if (run.isClosed) continue;
      if (policy === 'PARENT_CLOSE_POLICY_TERMINATE') run.terminate('by parent close policy');
      if (policy === 'PARENT_CLOSE_POLICY_REQUEST_CANCEL') run.cancel('by parent close policy');
    }
  }

  #force(eventType: string, attributes: Fields): void {
    const now_ms = this.#engine.timers.now_ms();
    const events = [...this.#machine.events];
    const event = { eventId: events.length + 1, eventTime_ms: now_ms, eventType, attributes };
    this.#machine = new RunMachine(this.runId, [...events, event]);
    this.#cached = false;
    this.#take([event]);
  }

  get #retryTimer(): string {
    return `${this.runId} task`;
  }

  /** The code is at fault, or its worker: the run stays as it was, and the task is tried again after a while. */
  #taskFailed(error: Error): void {
    this.#cached = false;
    this.lastTaskFailure = error instanceof TaskFailure ? error.failure : { message: error.message };
    for (const question of this.#questions.splice(0)) question.reject(new EngineError('QUERY_FAILED', error.message));
    if (this.isClosed) return;
    const cause =
      error instanceof NondeterminismError ? 'NON_DETERMINISTIC_ERROR' : 'WORKFLOW_WORKER_UNHANDLED_FAILURE';
    this.#machine.failTask({ cause, failure: this.lastTaskFailure }, this.#engine.timers.now_ms());
    this.#engine.taskFailed(this, error);
    const { workflow_task_backoff_ms_min: low, workflow_task_backoff_ms_max: high } = LIMITS;
    const delay_ms = Math.min(low * 2 ** this.#failures, high);
    this.#failures += 1;
    this.#engine.timers.set(this.#retryTimer, delay_ms, () => this.#wake());
  }
}

class TaskFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message ?? 'the task failed');
    this.failure = failure;
  }
}

function commandsOf({ successful, failed }: Completion) {
  if (successful) return successful.commands;
  throw new TaskFailure(failed?.failure ?? {});
}

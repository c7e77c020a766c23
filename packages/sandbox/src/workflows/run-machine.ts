import { LIMITS } from '@hanabi/protocol';
import { isCommandEvent, isTerminalEvent, type Known, outcomeOf, signature } from './command-events.ts';
import { EngineError } from './engine-error.ts';
import { NondeterminismError, NOTHING_DONE, NOTHING_MORE } from './nondeterminism.ts';
import { Pending } from './pending.ts';
import {
  type Activation,
  type Fields,
  type HistoryEvent,
  type Job,
  kindOf,
  type NewEvent,
  wireTime,
  type WorkflowCommand,
} from './wire.ts';

/** A workflow task: one step of the workflow's code, in history from WORKFLOW_TASK_STARTED on. */
interface Task {
  readonly startedIndex: number;
  /** Where its outcome stands in history; undefined when it is happening now. */
  readonly completedIndex: number | undefined;
  /** What its commands left behind, when it is played again. */
  readonly expected: readonly HistoryEvent[];
  matched: number;
  /** What its commands leave behind, when it happens now, with what is asked for by them. */
  readonly made: { event: NewEvent; awaits?: Parameters<Pending['add']>[0]; seq?: number }[];
}

/**
 * The history of one run and how far the workflow’s code has come in it. Pure: activations and events go in and out,
 * and time is told. Given a history from the start it plays it again, compares, and goes on where it ended.
 */
export class RunMachine {
  readonly runId: string;
  readonly events: HistoryEvent[];
  readonly #pending = new Pending();
  readonly #patches = new Set<string>();
  readonly #acceptedUpdates = new Set<string>();
  /** Updates that came and are not in history yet, by protocol instance. */
  readonly #updates = new Map<string, Fields>();
  readonly #offered = new Map<string, Fields>();
  /** What happened while a task was going on; it comes into history after the task. */
  #waiting: { event: NewEvent; now_ms: number }[] = [];
  /** The first event that the code was not told of. */
  #cursor = 0;
  #task: Task | undefined;
  #closed: boolean;
  #immediate: Job[] = [];

  constructor(runId: string, events: readonly HistoryEvent[]) {
    this.runId = runId;
    this.events = [...events];
    this.#closed = events.some(isClosing);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether something happened that the code should hear of. */
  get wantsTask(): boolean {
    if (this.isClosed || this.#task) return false;
    if (this.#updates.size > 0) return true;
    const last = this.events.findLastIndex(({ eventType }) => eventType === 'WORKFLOW_TASK_COMPLETED');
    return this.events.slice(last + 1).some((event) => !isCommandEvent(event) && WAKING.test(event.eventType));
  }

  /** Something happened. Returns what of it is in history now: what happens during a task comes after it. */
  receive(event: NewEvent, now_ms: number): HistoryEvent[] {
    if (this.#isLive) {
      this.#waiting.push({ event, now_ms });
      return [];
    }
    return [this.#append(event, now_ms)];
  }

  update(protocolInstanceId: string, request: Fields): void {
    this.#updates.set(protocolInstanceId, request);
  }

  /** Puts the beginning of a task into history, with how long and large that is: on replay the code is told the same. */
  beginTask(now_ms: number, historySizeBytes?: number): HistoryEvent[] {
    const scheduled = this.#append({ eventType: 'WORKFLOW_TASK_SCHEDULED', attributes: {} }, now_ms);
    const suggestContinueAsNew =
      this.events.length >= LIMITS.workflow_history_events_told ||
      (historySizeBytes ?? 0) >= LIMITS.workflow_history_bytes_told;
    const attributes = {
      ...(historySizeBytes === undefined ? {} : { historySizeBytes }),
      ...(suggestContinueAsNew ? { suggestContinueAsNew } : {}),
    };
    return [scheduled, this.#append({ eventType: 'WORKFLOW_TASK_STARTED', attributes }, now_ms)];
  }

  /** What the code is to be told next, of the past or of now; undefined when it knows everything. */
  nextActivation(): Activation | undefined {
    const told = this.#task;
    if (told) return this.#immediate.length > 0 ? this.#activation(told, this.#immediate.splice(0)) : undefined;
    const task = this.#nextTask();
    if (!task) return undefined;
    this.#task = task;
    return this.#activation(task, this.#jobsOf(task));
  }

  /**
   * Takes the commands that answer an activation. Returns the events that they add to history: none while it is
   * played again, or while more is to be told within the same task. Throws NondeterminismError. `recognized` hears of
   * each command before it is compared, and of the event of the past that it should be.
   */
  complete(
    commands: readonly WorkflowCommand[],
    now_ms: number,
    recognized?: (index: number, past: HistoryEvent | undefined) => void,
  ): HistoryEvent[] {
    const task = this.#task;
    if (!task) throw new TypeError('a completion without an activation');
    for (const [index, command] of commands.entries()) {
      recognized?.(index, task.expected[task.matched]);
      this.#apply(task, command);
    }
    if (this.#immediate.length > 0) return [];
    return task.completedIndex === undefined ? this.#finish(task, now_ms) : this.#endReplayed(task);
  }

  /** The task came to nothing; it will be tried again by a machine that starts anew. A replayed one leaves no trace. */
  failTask(attributes: Fields, now_ms: number): HistoryEvent[] {
    const failed = this.#isLive ? [this.#append({ eventType: 'WORKFLOW_TASK_FAILED', attributes }, now_ms)] : [];
    this.#task = undefined;
    return [...failed, ...this.#flush()];
  }

  /** The updates that were given to the code and are not answered: a machine that starts anew must give them again. */
  get openUpdates(): ReadonlyMap<string, Fields> {
    const open = new Map([...this.#offered, ...this.#updates]);
    for (const id of this.#acceptedUpdates) open.delete(id);
    return open;
  }

  get #isLive(): boolean {
    return this.#task !== undefined && this.#task.completedIndex === undefined;
  }

  #append({ eventType, attributes }: NewEvent, now_ms: number): HistoryEvent {
    const event = { eventId: this.events.length + 1, eventTime_ms: now_ms, eventType, attributes };
    this.events.push(event);
    this.#closed ||= isClosing(event);
    return event;
  }

  #flush(): HistoryEvent[] {
    const flushed = this.#waiting.map(({ event, now_ms }) => this.#append(event, now_ms));
    this.#waiting = [];
    return flushed;
  }

  #nextTask(): Task | undefined {
    for (let index = this.#cursor; index < this.events.length; index += 1) {
      if (this.events[index]?.eventType !== 'WORKFLOW_TASK_STARTED') continue;
      const after = this.events[index + 1]?.eventType;
      // Nothing came of it, so what it was told is told by the next one.
      if (after === 'WORKFLOW_TASK_FAILED') continue;
      if (after === undefined)
        return { startedIndex: index, completedIndex: undefined, expected: [], matched: 0, made: [] };
      const expected = this.#commandEventsFrom(index + 2);
      return { startedIndex: index, completedIndex: index + 1, expected, matched: 0, made: [] };
    }
    return undefined;
  }

  #commandEventsFrom(index: number): HistoryEvent[] {
    let end = index;
    for (let event = this.events[end]; event && isCommandEvent(event); event = this.events[end]) end += 1;
    return this.events.slice(index, end);
  }

  #jobsOf(task: Task): Job[] {
    const jobs: Job[] = [];
    for (const event of this.events.slice(this.#cursor, task.startedIndex)) {
      const job = event.eventType === 'WORKFLOW_EXECUTION_STARTED' ? initialize(event) : this.#pending.jobOf(event);
      if (job) jobs.push(job);
    }
    for (const { eventType, attributes } of task.expected) {
      if (eventType === 'MARKER_RECORDED') jobs.push({ notifyHasPatch: { patchId: attributes['patchId'] } });
      if (eventType !== 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED') continue;
      jobs.push({ doUpdate: { ...attributes['acceptedRequest'], runValidator: false } });
    }
    if (task.completedIndex !== undefined) return jobs;
    for (const [protocolInstanceId, request] of this.#updates) {
      jobs.push({ doUpdate: { ...request, protocolInstanceId, runValidator: true } });
      this.#offered.set(protocolInstanceId, request);
    }
    this.#updates.clear();
    return jobs;
  }

  #activation(task: Task, jobs: Job[]): Activation {
    const { eventTime_ms = 0, attributes = {} } = this.events[task.startedIndex] ?? {};
    return {
      runId: this.runId,
      timestamp: wireTime(eventTime_ms),
      isReplaying: task.completedIndex !== undefined,
      historyLength: task.startedIndex + 1,
      historySizeBytes: (attributes['historySizeBytes'] as number | undefined) ?? 0,
      continueAsNewSuggested: attributes['suggestContinueAsNew'] === true,
      jobs,
    };
  }

  #apply(task: Task, command: WorkflowCommand): void {
    const [kind, fields] = kindOf(command);
    const known: Known = {
      pending: this.#pending,
      patches: this.#patches,
      acceptedUpdates: this.#acceptedUpdates,
      request: (id) => {
        const request = this.#offered.get(id);
        return request && { ...request, protocolInstanceId: id };
      },
    };
    const { event, awaits, seq, immediately } = outcomeOf(kind, fields, known);
    if (immediately) this.#immediate.push(immediately);
    if (!event) return;
    const withMetadata = command['userMetadata']
      ? { ...event, attributes: { ...event.attributes, userMetadata: command['userMetadata'] } }
      : event;
    if (task.completedIndex === undefined) {
      this.#make(task, withMetadata, awaits, seq);
      return;
    }
    const past = task.expected[task.matched];
    if (!past || signature(past) !== signature(event)) {
      throw new NondeterminismError(past ? signature(past) : NOTHING_MORE, signature(event), past?.eventId);
    }
    task.matched += 1;
    if (awaits && seq !== undefined) this.#pending.add(awaits, seq, past);
  }

  /** The event gets its place in history when the task is over; its number is known already. */
  #make(task: Task, event: NewEvent, awaits: Parameters<Pending['add']>[0] | undefined, seq: number | undefined): void {
    // What is played again was taken before there was such a bound.
    const most = LIMITS.workflow_activities_pending_max;
    if (awaits === 'activity' && this.#pending.count(awaits) >= most)
      throw new EngineError('FAILED_PRECONDITION', `it waits for ${most} activities, and may not for more at a time`);
    task.made.push({ event, awaits, seq });
    if (!awaits || seq === undefined) return;
    const eventId = this.events.length + 1 + task.made.length;
    this.#pending.add(awaits, seq, { ...event, eventId, eventTime_ms: 0 });
  }

  #finish(task: Task, now_ms: number): HistoryEvent[] {
    const ends = task.made.some(({ event }) => isTerminalEvent(event));
    // It ended without having heard what came meanwhile: it is to hear it first, so the task is done again.
    if (ends && this.#waiting.some(({ event }) => event.eventType === 'WORKFLOW_EXECUTION_SIGNALED')) {
      return this.failTask({ cause: 'UNHANDLED_COMMAND' }, now_ms);
    }
    const completed = this.#append({ eventType: 'WORKFLOW_TASK_COMPLETED', attributes: {} }, now_ms);
    const made = task.made.map(({ event }) => this.#append(event, now_ms));
    this.#cursor = this.events.length;
    this.#task = undefined;
    return [completed, ...made, ...this.#flush()];
  }

  #endReplayed(task: Task): HistoryEvent[] {
    const missing = task.expected[task.matched];
    if (missing) throw new NondeterminismError(signature(missing), NOTHING_DONE, missing.eventId);
    this.#cursor = (task.completedIndex ?? task.startedIndex) + 1 + task.expected.length;
    this.#task = undefined;
    return [];
  }
}

const WAKING =
  /^(?:WORKFLOW_EXECUTION_(?:STARTED|SIGNALED|CANCEL_REQUESTED)|TIMER_FIRED|ACTIVITY_TASK_(?:COMPLETED|FAILED|TIMED_OUT|CANCELED)|CHILD_WORKFLOW_EXECUTION_.*|START_CHILD_WORKFLOW_EXECUTION_FAILED|EXTERNAL_WORKFLOW_EXECUTION_.*|(?:SIGNAL|REQUEST_CANCEL)_EXTERNAL_WORKFLOW_EXECUTION_FAILED)$/;

function isClosing(event: HistoryEvent): boolean {
  return isTerminalEvent(event) || /^WORKFLOW_EXECUTION_(?:TERMINATED|TIMED_OUT)$/.test(event.eventType);
}

function initialize({ attributes, eventTime_ms }: HistoryEvent): Job {
  const { workflowType, input, ...fields } = attributes;
  return {
    initializeWorkflow: {
      ...fields,
      workflowType: workflowType?.name,
      arguments: input ?? [],
      startTime: wireTime(eventTime_ms),
    },
  };
}

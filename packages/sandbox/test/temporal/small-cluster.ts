/** As much of a Temporal server as scripts and our server need: it keeps histories in memory and hands out their tasks. */
import { randomUUID } from 'node:crypto';
import { type Deferred, deferred } from '../../src/workflows/deferred.ts';
import type { Bridge } from '../../src/workflows/temporal/bridge.ts';
import { decode, encode } from '../../src/workflows/temporal/codec.ts';
import { type Fields, milliseconds, wireTime } from '../../src/workflows/wire.ts';
import { type Answer, Refusal } from './grpc-server.ts';
import { listed } from './cluster-lists.ts';
import { obeyRelation, type Relations } from './cluster-relations.ts';
import { about, base64, type Happening, queueOf, Run, text, tokenOf } from './cluster-run.ts';
import { TaskQueues } from './task-queues.ts';

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const INVALID_ARGUMENT = 3;
const TASK_RETRY_MS = 500;
const TASK_TIMEOUT_MS = 2000;
/** Whoever has a run in memory, and does not come for its task, is given up. */
const STICKY_TIMEOUT_MS = 2000;
const TASK_TIMEOUT = wireTime(TASK_TIMEOUT_MS);
const UPDATE = 'temporal.api.update.v1';

export class SmallCluster {
  /** The newest run of each workflow id last. */
  readonly runs: Run[] = [];
  /** Whatever is asked for, lists have these, too: those of a cluster that is not to be believed. */
  readonly alwaysListed: Run[] = [];
  /** What the first task that failed says. */
  readonly taskFailed = deferred<Fields>();
  readonly #queries = new Map<string, Deferred<Fields>>();
  readonly #queues = new TaskQueues();
  readonly #bridge: Bridge;
  readonly #relations: Relations = {
    append: (run, eventType, attributes) => this.#append(run, eventType, attributes),
    happen: (run, ...happenings) => this.#happen(run, ...happenings),
    find: (execution) => this.#find(execution),
    start: (request) => this.#start(request),
  };
  readonly #activities = new Map<
    string,
    { run: Run; id: string; type: Fields; scheduledEventId: number; cancelRequested: boolean }
  >();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  answers(): Record<string, Answer> {
    return {
      GetSystemInfo: () => ({ serverVersion: '1.29.0', capabilities: { sdkMetadata: true, upsertMemo: true } }),
      DescribeNamespace: ({ namespace }) => ({ namespaceInfo: { name: namespace } }),
      StartWorkflowExecution: (request) => ({ runId: this.#start(request).runId }),
      SignalWithStartWorkflowExecution: (request) => {
        const run = this.#start(request);
        this.#signal(run, { signalName: request['signalName'], input: request['signalInput'] });
        return { runId: run.runId };
      },
      SignalWorkflowExecution: ({ workflowExecution, signalName, input, requestId }) => {
        const run = this.#find(workflowExecution);
        return run.signals.has(requestId) ? {} : this.#signal(run, { signalName, input }, requestId);
      },
      RequestCancelWorkflowExecution: ({ workflowExecution }) =>
        this.#happen(this.#find(workflowExecution), ['WORKFLOW_EXECUTION_CANCEL_REQUESTED', {}]),
      TerminateWorkflowExecution: ({ workflowExecution, reason }) =>
        this.#append(this.#find(workflowExecution), 'WORKFLOW_EXECUTION_TERMINATED', { reason }) && {},
      ResetWorkflowExecution: ({ workflowExecution, workflowTaskFinishEventId }) =>
        this.#reset(this.#find(workflowExecution), Number(workflowTaskFinishEventId)),
      DeleteWorkflowExecution: ({ workflowExecution }) => {
        this.runs.splice(this.runs.indexOf(this.#find(workflowExecution)), 1);
        return {};
      },
      DescribeWorkflowExecution: ({ execution }) => {
        const run = this.#find(execution);
        return { workflowExecutionInfo: about(run), pendingActivities: this.#pendingActivities(run) };
      },
      ListWorkflowExecutions: ({ query }) => ({
        executions: [...listed(this.runs, query), ...this.alwaysListed.map(about)],
      }),
      CountWorkflowExecutions: ({ query }) => ({ count: listed(this.runs, query).length }),
      GetWorkflowExecutionHistory: async ({ execution, waitNewEvent }) => {
        const run = this.#find(execution);
        return { history: { events: waitNewEvent ? [await run.closed.promise] : run.events } };
      },
      QueryWorkflow: ({ execution, query }) => this.#query(this.#find(execution), query),
      RespondQueryTaskCompleted: ({ taskToken, completedType, queryResult, errorMessage }) => {
        const answer = this.#queries.get(text(taskToken))!;
        if (String(completedType).endsWith('FAILED')) answer.reject(new Refusal(INVALID_ARGUMENT, errorMessage));
        else answer.resolve({ queryResult });
        return {};
      },
      UpdateWorkflowExecution: ({ workflowExecution, request }) => this.#update(this.#find(workflowExecution), request),
      PollWorkflowExecutionUpdate: async ({ updateRef }) => ({
        outcome: await this.#find(updateRef.workflowExecution).updates.get(updateRef.updateId)!.outcome.promise,
      }),
      PollWorkflowTaskQueue: async ({ taskQueue }, gone) =>
        (await this.#queues.take(`w ${taskQueue.name}`, gone)) ?? {},
      RespondWorkflowTaskCompleted: (request) => this.#taskCompleted(request),
      RespondWorkflowTaskFailed: ({ taskToken, failure }) => {
        this.taskFailed.resolve(failure);
        const run = this.#byToken(taskToken);
        run.timers.set(
          'task',
          setTimeout(() => this.#wake(run), TASK_RETRY_MS),
        );
        return this.#taskEnded(run, 'WORKFLOW_TASK_FAILED', { failure });
      },
      ShutdownWorker: ({ stickyTaskQueue }) => this.#workerGone(stickyTaskQueue),
      PollActivityTaskQueue: async ({ taskQueue }, gone) =>
        (await this.#queues.take(`a ${taskQueue.name}`, gone)) ?? {},
      RecordActivityTaskHeartbeat: ({ taskToken }) => {
        const { run, cancelRequested } = this.#activity(taskToken);
        if (run.isClosed) throw new Refusal(NOT_FOUND, 'workflow execution already completed');
        return { cancelRequested };
      },
      RespondActivityTaskCompleted: ({ taskToken, result }) =>
        this.#activityEnded(taskToken, 'ACTIVITY_TASK_COMPLETED', { result }),
      RespondActivityTaskCompletedById: ({ workflowId, activityId, result }) =>
        this.#activityEnded(this.#tokenOf(workflowId, activityId), 'ACTIVITY_TASK_COMPLETED', { result }),
      RecordActivityTaskHeartbeatById: ({ workflowId, activityId }) => {
        const { cancelRequested } = this.#activity(this.#tokenOf(workflowId, activityId));
        return { cancelRequested };
      },
      RespondActivityTaskFailed: ({ taskToken, failure }) =>
        this.#activityEnded(taskToken, 'ACTIVITY_TASK_FAILED', { failure }),
      RespondActivityTaskCanceled: ({ taskToken, details }) =>
        this.#activityEnded(taskToken, 'ACTIVITY_TASK_CANCELED', { details }),
    };
  }

  close(): void {
    for (const { timers } of this.runs) for (const timer of timers.values()) clearTimeout(timer);
  }

  #start(request: Fields): Run {
    const { workflowId, input, workflowType, taskQueue, memo } = request;
    if (this.runs.some((run) => run.start['workflowId'] === workflowId && !run.isClosed)) {
      throw new Refusal(ALREADY_EXISTS, 'Workflow execution is already running');
    }
    const run = new Run({ workflowId, input, workflowType, taskQueue, memo });
    this.runs.push(run);
    const ids = { originalExecutionRunId: run.runId, firstExecutionRunId: run.runId };
    this.#happen(run, [
      'WORKFLOW_EXECUTION_STARTED',
      { ...run.start, ...ids, attempt: 1, workflowTaskTimeout: TASK_TIMEOUT },
    ]);
    return run;
  }

  #find({ workflowId, runId }: Fields): Run {
    const run = this.runs.findLast(
      (each) => each.start['workflowId'] === workflowId && (!runId || each.runId === runId),
    );
    if (!run) throw new Refusal(NOT_FOUND, `no workflow ${workflowId}`);
    return run;
  }

  /** The run whose task that is, unless it was given to another one. */
  #byToken(taskToken: string): Run {
    const run = this.runs.find((each) => each.task === 'started' && tokenOf(each) === text(taskToken));
    if (!run) throw new Refusal(NOT_FOUND, 'workflow task not found');
    return run;
  }

  #signal(run: Run, attributes: Fields, requestId = ''): Fields {
    run.signals.add(requestId || randomUUID());
    return this.#happen(run, ['WORKFLOW_EXECUTION_SIGNALED', attributes]);
  }

  async #query(run: Run, query: Fields): Promise<Fields> {
    const token = randomUUID();
    const answer = deferred<Fields>();
    this.#queries.set(token, answer);
    this.#queues.put(`w ${queueOf(run)}`, () => ({
      ...this.#task(run, token),
      startedEventId: run.lastStarted,
      history: { events: run.stickyQueue ? [] : run.events },
      query,
    }));
    return await answer.promise;
  }

  async #update(run: Run, request: Fields): Promise<Fields> {
    const outcome = deferred<Fields>();
    run.updates.set(request['meta'].updateId, { request, told: false, outcome });
    this.#wake(run);
    return { outcome: await outcome.promise, stage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' };
  }

  #append(run: Run, eventType: string, attributes: Fields): number {
    const eventId = run.events.length + 1;
    const name = eventType.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const event = { eventId, eventTime: wireTime(Date.now()), eventType: `EVENT_TYPE_${eventType}` };
    run.events.push({ ...event, [`${name}EventAttributes`]: attributes });
    if (run.isClosed) run.closed.resolve(run.events.at(-1)!);
    return eventId;
  }

  /** Something that the workflow is to hear of; during a task it is written down after the task. */
  #happen(run: Run, ...happenings: Happening[]): Fields {
    if (run.isClosed) throw new Refusal(NOT_FOUND, 'workflow execution already completed');
    if (run.task === 'started') run.waiting.push(...happenings);
    else {
      for (const [eventType, attributes] of happenings) this.#append(run, eventType, attributes);
      this.#wake(run);
    }
    return {};
  }

  /** Up to the task that ended with that event; what came later is lost here. */
  #reset(base: Run, finishEventId: number): Fields {
    const run = new Run(base.start);
    run.events.push(...base.events.slice(0, finishEventId - 1));
    if (!base.isClosed) this.#append(base, 'WORKFLOW_EXECUTION_TERMINATED', { reason: 'reset' });
    this.runs.push(run);
    const startedEventId = finishEventId - 1;
    const cause = 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW';
    this.#append(run, 'WORKFLOW_TASK_FAILED', { cause, startedEventId, scheduledEventId: startedEventId - 1 });
    this.#wake(run);
    return { runId: run.runId };
  }

  #pendingActivities(run: Run): Fields[] {
    const own = [...this.#activities.values()].filter((activity) => activity.run === run);
    return own.map(({ id, type }) => ({ activityId: id, activityType: type, attempt: 1 }));
  }

  /** What a worker had in memory, and what waits for it, is for any other one now. */
  #workerGone(stickyQueue: string): Fields {
    for (const run of this.runs.filter((each) => each.stickyQueue === stickyQueue)) {
      run.stickyQueue = undefined;
      if (run.task === 'scheduled') this.#giveToAnother(run, 0);
    }
    return {};
  }

  /** Nobody answered in time. */
  #taskLost(run: Run, token: string): void {
    if (run.task === 'started' && tokenOf(run) === token) this.#giveToAnother(run, run.events.length);
  }

  #giveToAnother(run: Run, startedEventId: number): void {
    if (run.isClosed) return;
    this.#append(run, 'WORKFLOW_TASK_TIMED_OUT', { scheduledEventId: run.lastScheduled, startedEventId });
    for (const [type, fields] of run.waiting.splice(0)) this.#append(run, type, fields);
    run.stickyQueue = undefined;
    run.task = 'none';
    this.#wake(run);
  }

  #wake(run: Run): void {
    if (run.task !== 'none' || run.isClosed) return;
    run.task = 'scheduled';
    const scheduledEventId = this.#append(run, 'WORKFLOW_TASK_SCHEDULED', { taskQueue: run.start['taskQueue'] });
    run.lastScheduled = scheduledEventId;
    const isWaiting = () => run.task === 'scheduled' && run.lastScheduled === scheduledEventId;
    if (run.stickyQueue) setTimeout(() => isWaiting() && this.#giveToAnother(run, 0), STICKY_TIMEOUT_MS).unref();
    this.#queues.put(`w ${queueOf(run)}`, () => {
      if (!isWaiting()) return {};
      run.task = 'started';
      const startedEventId = this.#append(run, 'WORKFLOW_TASK_STARTED', { scheduledEventId });
      const messages = this.#messages(run, scheduledEventId);
      const token = tokenOf(run);
      setTimeout(() => this.#taskLost(run, token), TASK_TIMEOUT_MS).unref();
      return { ...this.#task(run, token), startedEventId, messages };
    });
  }

  /** To a worker that has it in memory only what is new is told. */
  #task(run: Run, token: string): Fields {
    const previousStartedEventId = run.lastStarted;
    return {
      taskToken: base64(token),
      workflowExecution: { workflowId: run.start['workflowId'], runId: run.runId },
      workflowType: run.start['workflowType'],
      workflowExecutionTaskQueue: run.start['taskQueue'],
      previousStartedEventId,
      attempt: 1,
      history: { events: run.stickyQueue ? run.events.slice(previousStartedEventId) : run.events },
    };
  }

  #messages(run: Run, sequence: number): Fields[] {
    const untold = [...run.updates].filter(([, update]) => !update.told);
    return untold.map(([id, update]) => {
      update.told = true;
      const value = encode(this.#bridge, `${UPDATE}.Request`, update.request).toString('base64');
      const body = { type_url: `type.googleapis.com/${UPDATE}.Request`, value };
      return { id: `${id}/request`, protocolInstanceId: id, eventId: sequence, body };
    });
  }

  #taskCompleted({ taskToken, commands, messages, stickyAttributes, sdkMetadata }: Fields): Fields {
    const run = this.#byToken(taskToken);
    run.stickyQueue = stickyAttributes?.workerTaskQueue.name;
    run.lastStarted = run.events.length;
    return this.#taskEnded(run, 'WORKFLOW_TASK_COMPLETED', { sdkMetadata }, () => {
      for (const command of commands ?? []) this.#obey(run, command, messages ?? []);
      // A refused update has no command: it leaves nothing in history.
      for (const message of messages ?? []) if (message.id.endsWith('/reject')) this.#message(run, message);
    });
  }

  #taskEnded(run: Run, eventType: string, attributes: Fields, obey?: () => void): Fields {
    const startedEventId = run.events.length;
    this.#append(run, eventType, { ...attributes, startedEventId, scheduledEventId: run.lastScheduled });
    obey?.();
    run.task = 'none';
    const waiting = run.waiting.splice(0);
    if (run.isClosed) return {};
    for (const [type, fields] of waiting) this.#append(run, type, fields);
    if (waiting.length > 0 || [...run.updates.values()].some(({ told }) => !told)) this.#wake(run);
    return {};
  }

  #obey(run: Run, command: Fields, messages: readonly Fields[]): void {
    const kind = String(command['commandType']).replace('COMMAND_TYPE_', '');
    const attributes = Object.entries(command).find(([name]) => name.endsWith('Attributes'))?.[1] as Fields;
    if (obeyRelation(this.#relations, run, kind, attributes)) return;
    switch (kind) {
      case 'START_TIMER': {
        const startedEventId = this.#append(run, 'TIMER_STARTED', attributes);
        const { timerId, startToFireTimeout } = attributes;
        const fire = () => this.#happen(run, ['TIMER_FIRED', { timerId, startedEventId }]);
        run.timers.set(timerId, setTimeout(fire, milliseconds(startToFireTimeout)));
        return;
      }
      case 'CANCEL_TIMER':
        clearTimeout(run.timers.get(attributes['timerId'] as string));
        this.#append(run, 'TIMER_CANCELED', { ...attributes, startedEventId: 0 });
        return;
      case 'SCHEDULE_ACTIVITY_TASK':
        this.#schedule(run, attributes);
        return;
      case 'REQUEST_CANCEL_ACTIVITY_TASK': {
        this.#append(run, 'ACTIVITY_TASK_CANCEL_REQUESTED', attributes);
        for (const each of this.#activities.values()) {
          if (each.run === run && String(each.scheduledEventId) === attributes['scheduledEventId'])
            each.cancelRequested = true;
        }
        return;
      }
      case 'CONTINUE_AS_NEW_WORKFLOW_EXECUTION': {
        const { taskQueue, ...changed } = attributes;
        const next = new Run({ ...run.start, ...changed, ...(taskQueue?.name ? { taskQueue } : {}) });
        this.runs.push(next);
        this.#append(run, 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW', { ...attributes, newExecutionRunId: next.runId });
        const ids = { originalExecutionRunId: next.runId, continuedExecutionRunId: run.runId };
        this.#happen(next, [
          'WORKFLOW_EXECUTION_STARTED',
          { ...next.start, ...ids, attempt: 1, workflowTaskTimeout: TASK_TIMEOUT },
        ]);
        return;
      }
      case 'PROTOCOL_MESSAGE':
        this.#message(run, messages.find(({ id }) => id === attributes['messageId'])!);
        return;
      default:
        this.#append(run, EVENTS[kind]!, attributes);
    }
  }

  #schedule(run: Run, attributes: Fields): void {
    const scheduledEventId = this.#append(run, 'ACTIVITY_TASK_SCHEDULED', attributes);
    const token = `${run.runId} ${scheduledEventId}`;
    const { activityId: id, activityType: type } = attributes;
    this.#activities.set(token, { run, id, type, scheduledEventId, cancelRequested: false });
    this.#queues.put(`a ${attributes['taskQueue'].name}`, () => ({
      ...attributes,
      taskToken: base64(token),
      workflowExecution: { workflowId: run.start['workflowId'], runId: run.runId },
      workflowType: run.start['workflowType'],
      attempt: 1,
      scheduledTime: wireTime(Date.now()),
      startedTime: wireTime(Date.now()),
    }));
  }

  #activityEnded(taskToken: string, eventType: string, attributes: Fields): Fields {
    const { run, scheduledEventId } = this.#activity(taskToken);
    this.#activities.delete(text(taskToken));
    const began: Happening = ['ACTIVITY_TASK_STARTED', { scheduledEventId, attempt: 1 }];
    return this.#happen(run, began, [eventType, { ...attributes, scheduledEventId }]);
  }

  #tokenOf(workflowId: string, activityId: string): string {
    const named = [...this.#activities].find(
      ([, { run, id }]) => run.start['workflowId'] === workflowId && id === activityId,
    );
    if (!named) throw new Refusal(NOT_FOUND, 'activity not found');
    return base64(named[0]);
  }

  #activity(taskToken: string) {
    const activity = this.#activities.get(text(taskToken));
    if (!activity) throw new Refusal(NOT_FOUND, 'activity not found');
    return activity;
  }

  #message(run: Run, { protocolInstanceId, body }: Fields): void {
    const kind = String(body.type_url).slice(body.type_url.lastIndexOf('/') + 1);
    const said = decode(this.#bridge, kind, Buffer.from(body.value, 'base64'));
    const update = run.updates.get(protocolInstanceId)!;
    if (kind.endsWith('.Acceptance')) {
      this.#append(run, 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED', {
        ...said,
        protocolInstanceId,
        acceptedRequest: update.request,
      });
      return;
    }
    if (kind.endsWith('.Response')) this.#append(run, 'WORKFLOW_EXECUTION_UPDATE_COMPLETED', said);
    update.outcome.resolve(said['outcome'] ?? { failure: said['failure'] });
  }
}

/** Commands that are written down as they are. */
const EVENTS: Readonly<Record<string, string>> = {
  COMPLETE_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_COMPLETED',
  FAIL_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_FAILED',
  CANCEL_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_CANCELED',
  RECORD_MARKER: 'MARKER_RECORDED',
  UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  MODIFY_WORKFLOW_PROPERTIES: 'WORKFLOW_PROPERTIES_MODIFIED',
};

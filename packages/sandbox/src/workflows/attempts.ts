import type { CancelReason } from '@hanabi/protocol';
import { activityFailure, activityTask, attemptTimeOut } from './attempt-events.ts';
import { retryVerdict } from './retry.ts';
import type { Timers } from './timers.ts';
import { type Failure, type Fields, type HistoryEvent, milliseconds, type NewEvent, type Payload } from './wire.ts';
import type { WorkflowWorker } from './worker.ts';

/** What an activity belongs to. */
export interface ActivityOwner {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  /** Where its activities are done that name no other task queue. */
  readonly taskQueue: string;
  /** Takes what became of the activity. */
  settled(event: NewEvent): void;
}

/** One scheduled activity: its attempts, their time-outs and what it said last. */
interface Running {
  readonly scheduled: HistoryEvent;
  readonly owner: ActivityOwner;
  readonly token: string;
  attempt: number;
  heartbeat: readonly Payload[];
  cancelRequested: boolean;
  lastFailure: Failure | undefined;
  started_ms: number;
}

const DEFAULT_RETRY = {};

/** Runs activities until each has an end that history can have: a result, a failure for good, or a cancellation. */
export class Attempts {
  readonly #running = new Map<string, Running>();
  readonly #timers: Timers;
  readonly #workerOf: (taskQueue: string) => Promise<WorkflowWorker>;

  constructor(timers: Timers, workerOf: (taskQueue: string) => Promise<WorkflowWorker>) {
    this.#timers = timers;
    this.#workerOf = workerOf;
  }

  schedule(scheduled: HistoryEvent, owner: ActivityOwner): void {
    const token = `${owner.runId}/${scheduled.eventId}`;
    const started_ms = this.#timers.now_ms();
    const running = {
      scheduled,
      owner,
      token,
      attempt: 1,
      heartbeat: [],
      cancelRequested: false,
      lastFailure: undefined,
      started_ms,
    };
    this.#running.set(token, running);
    const whole_ms = milliseconds(scheduled.attributes['scheduleToCloseTimeout']);
    if (whole_ms !== undefined) {
      const left_ms = scheduled.eventTime_ms + whole_ms - started_ms;
      this.#timers.set(`${token} close`, left_ms, () => this.#timeOut(running, 'SCHEDULE_TO_CLOSE'));
    }
    void this.#attempt(running);
  }

  cancel(runId: string, scheduledEventId: number): void {
    const running = this.#running.get(`${runId}/${scheduledEventId}`);
    if (!running) return;
    running.cancelRequested = true;
    if (this.#timers.has(`${running.token} retry`)) {
      // Between two attempts there is nobody who could be asked.
      this.#end(running, 'ACTIVITY_TASK_CANCELED', {
        failure: activityFailure(running.scheduled, CANCELLED, 'RETRY_STATE_CANCEL_REQUESTED'),
      });
      return;
    }
    void this.#tell(running, 'cancel_requested');
  }

  /** The run is over: nobody waits for these any more. */
  abandon(runId: string): void {
    for (const running of this.#running.values()) {
      if (running.owner.runId !== runId) continue;
      this.#forget(running);
      void this.#tell(running, 'cancel_requested');
    }
  }

  heartbeat(token: string, details: readonly Payload[]): void {
    const running = this.#running.get(token);
    if (!running) return;
    running.heartbeat = details;
    this.#expectHeartbeat(running);
    if (running.cancelRequested) void this.#tell(running, 'cancel_requested');
  }

  /** Of an activity that has not ended, by the id that its workflow gave it. */
  tokenOf(runId: string, activityId: string): string | undefined {
    for (const { owner, scheduled, token } of this.#running.values()) {
      if (owner.runId === runId && scheduled.attributes['activityId'] === activityId) return token;
    }
    return undefined;
  }

  /** Somebody completes an activity that had said it would be completed later. */
  complete(token: string, result: Fields): void {
    const running = this.#running.get(token);
    if (running) this.#take(running, running.attempt, result);
  }

  has(token: string): boolean {
    return this.#running.has(token);
  }

  pendingOf(runId: string): Fields[] {
    return [...this.#running.values()]
      .filter(({ owner }) => owner.runId === runId)
      .map(({ scheduled, attempt, lastFailure, heartbeat }) => ({
        activityId: scheduled.attributes['activityId'],
        activityType: scheduled.attributes['activityType']?.name,
        attempt,
        lastFailure,
        heartbeatDetails: heartbeat,
      }));
  }

  async #attempt(running: Running): Promise<void> {
    const { scheduled, token, attempt } = running;
    const { attributes } = scheduled;
    const wait_ms = milliseconds(attributes['scheduleToStartTimeout']);
    if (wait_ms) {
      const late = () => this.#failed(running, attemptTimeOut('SCHEDULE_TO_START', running.heartbeat));
      this.#timers.set(`${token} start`, wait_ms, late);
    }
    const worker = await this.#workerFor(running);
    this.#timers.clear(`${token} start`);
    if (this.#running.get(token) !== running) return;
    running.started_ms = this.#timers.now_ms();
    const limit_ms = milliseconds(attributes['startToCloseTimeout']);
    if (limit_ms !== undefined) {
      this.#timers.set(`${token} attempt`, limit_ms, () => this.#attemptTimedOut(running, 'START_TO_CLOSE'));
    }
    this.#expectHeartbeat(running);
    const result = await worker
      .runActivity(token, activityTask({ ...running.owner, ...running }))
      .catch((error: unknown) => ({
        failed: { failure: { message: (error as Error).message, applicationFailureInfo: { type: 'WorkerGone' } } },
      }));
    this.#take(running, attempt, result);
  }

  #take(running: Running, attempt: number, result: Fields): void {
    // Late news of an attempt that was given up.
    if (this.#running.get(running.token) !== running || running.attempt !== attempt) return;
    if (result['willCompleteAsync']) return;
    if (result['completed']) this.#end(running, 'ACTIVITY_TASK_COMPLETED', { result: result['completed'].result });
    else if (result['cancelled']) {
      const failure = activityFailure(running.scheduled, result['cancelled'].failure, 'RETRY_STATE_CANCEL_REQUESTED');
      this.#end(running, 'ACTIVITY_TASK_CANCELED', { failure });
    } else this.#failed(running, result['failed'].failure);
  }

  #failed(running: Running, failure: Failure): void {
    this.#stopAttempt(running);
    running.lastFailure = failure;
    const { scheduled, attempt } = running;
    const whole_ms = milliseconds(scheduled.attributes['scheduleToCloseTimeout']);
    const left_ms = whole_ms === undefined ? undefined : scheduled.eventTime_ms + whole_ms - this.#timers.now_ms();
    const verdict = running.cancelRequested
      ? { again: false as const, state: 'RETRY_STATE_CANCEL_REQUESTED' }
      : retryVerdict(scheduled.attributes['retryPolicy'] ?? DEFAULT_RETRY, { attempt, failure, left_ms });
    if (!verdict.again) {
      const kind = failure['timeoutFailureInfo'] ? 'ACTIVITY_TASK_TIMED_OUT' : 'ACTIVITY_TASK_FAILED';
      this.#end(running, kind, { failure: activityFailure(running.scheduled, failure, verdict.state) });
      return;
    }
    running.attempt += 1;
    this.#timers.set(`${running.token} retry`, verdict.delay_ms, () => void this.#attempt(running));
  }

  #expectHeartbeat(running: Running): void {
    const beat_ms = milliseconds(running.scheduled.attributes['heartbeatTimeout']);
    if (beat_ms === undefined || beat_ms === 0) return;
    this.#timers.set(`${running.token} beat`, beat_ms, () => this.#attemptTimedOut(running, 'HEARTBEAT'));
  }

  #attemptTimedOut(running: Running, kind: string): void {
    void this.#tell(running, 'timed_out');
    this.#failed(running, attemptTimeOut(kind, running.heartbeat));
  }

  #timeOut(running: Running, kind: string): void {
    void this.#tell(running, 'timed_out');
    const failure = activityFailure(running.scheduled, attemptTimeOut(kind, running.heartbeat), 'RETRY_STATE_TIMEOUT');
    this.#end(running, 'ACTIVITY_TASK_TIMED_OUT', { failure });
  }

  async #tell(running: Running, reason: CancelReason): Promise<void> {
    (await this.#workerFor(running)).cancelActivity(running.token, reason);
  }

  #workerFor({ scheduled, owner }: Running): Promise<WorkflowWorker> {
    return this.#workerOf((scheduled.attributes['taskQueue'] as string | undefined) ?? owner.taskQueue);
  }

  #end(running: Running, eventType: string, attributes: Fields): void {
    this.#forget(running);
    const { scheduled, attempt, owner } = running;
    owner.settled({ eventType, attributes: { ...attributes, scheduledEventId: scheduled.eventId, attempt } });
  }

  #forget(running: Running): void {
    this.#running.delete(running.token);
    this.#stopAttempt(running);
    this.#timers.clear(`${running.token} close`);
    this.#timers.clear(`${running.token} retry`);
    this.#timers.clear(`${running.token} start`);
  }

  #stopAttempt({ token }: Running): void {
    this.#timers.clear(`${token} attempt`);
    this.#timers.clear(`${token} beat`);
  }
}

const CANCELLED: Failure = { message: 'Cancelled', canceledFailureInfo: {} };

import type { Activation, Completion, Failure, Fields, Payload } from '../wire.ts';
import type { CancelReason } from '@hanabi/protocol';
import type { WorkflowWorker } from '../worker.ts';
import type { Native, TemporalWorker } from './bridge.ts';
import type { Cluster } from './cluster.ts';
import { decode, decodeActivation, encodeCompletion, encodeDelimited } from './codec.ts';
import { type Served, workerOptions } from './worker-options.ts';

/** Why an activity is to stop, in the words of our Python. */
const REASONS: Readonly<Record<string, CancelReason>> = {
  NOT_FOUND: 'not_found',
  CANCELLED: 'cancel_requested',
  TIMED_OUT: 'timed_out',
  WORKER_SHUTDOWN: 'worker_shutdown',
  PAUSED: 'paused',
  RESET: 'reset',
};

/** Who hears of what happens between a worker and the cluster. */
export interface WorkerNews {
  /** Something went wrong; the cluster gives such tasks out again. */
  readonly failed: (error: Error) => void;
  /** The cluster has what came of a task of this run. */
  readonly told?: (runId: string) => void;
}

/** Takes the tasks of one task queue from the cluster to a process of Python, and what came of them back. */
export class ClusterWorker {
  readonly #cluster: Cluster;
  readonly #native: Native;
  readonly #worker: TemporalWorker;
  readonly #process: WorkflowWorker;
  /** Attempts that are going on, by token. */
  readonly #attempts = new Set<string>();
  readonly #news: WorkerNews;
  /** Settles when it takes nothing any more: it was closed, or the cluster wants no more of it. */
  readonly ended: Promise<unknown>;

  constructor(
    cluster: Cluster,
    { taskQueue, served }: { readonly taskQueue: string; readonly served: Served },
    process: WorkflowWorker,
    news: WorkerNews,
  ) {
    this.#cluster = cluster;
    this.#native = cluster.bridge.native;
    this.#process = process;
    this.#news = news;
    const { namespace, identity } = cluster;
    this.#worker = this.#native.newWorker(cluster.client, workerOptions({ namespace, taskQueue, identity }, served));
    const { workerPollWorkflowActivation, workerPollActivityTask } = this.#native;
    this.ended = Promise.all([
      served.workflows && this.#poll(workerPollWorkflowActivation, (data) => this.#workflowTask(data)),
      served.activities && this.#poll(workerPollActivityTask, (data) => this.#activityTask(data)),
    ]);
  }

  /** Says that an attempt is alive, if it is one of this worker's. */
  heartbeat(token: string, details: readonly Payload[]): void {
    if (!this.#attempts.has(token)) return;
    const heartbeat = encodeDelimited(this.#cluster.bridge, 'coresdk.ActivityHeartbeat', { taskToken: token, details });
    this.#native.workerRecordActivityHeartbeat(this.#worker, heartbeat);
  }

  /** Takes nothing new, tells activities to stop, and waits for what is going on. */
  async close(): Promise<void> {
    this.#native.workerInitiateShutdown(this.#worker);
    await this.ended;
    await this.#native.workerFinalizeShutdown(this.#worker);
  }

  /** Asks for one task after another; each is worked on beside the others. Ends when the worker is shut down. */
  async #poll(next: (worker: TemporalWorker) => Promise<Buffer>, work: (data: Buffer) => Promise<void>): Promise<void> {
    const working = new Set<Promise<void>>();
    for (;;) {
      const data = await next(this.#worker).catch((error: Error) => {
        if (error.name !== 'ShutdownError') this.#news.failed(error);
      });
      if (!data) break;
      const task = work(data)
        .catch(this.#news.failed)
        .finally(() => working.delete(task));
      working.add(task);
    }
    await Promise.all(working);
  }

  async #workflowTask(data: Buffer): Promise<void> {
    const { bridge } = this.#cluster;
    const activation = decodeActivation(bridge, data);
    const completion = await this.#complete(activation);
    await this.#native.workerCompleteWorkflowActivation(this.#worker, completion);
    this.#news.told?.(activation.runId);
  }

  /** There is always one: a task without would be waited for, also at the end. */
  async #complete(activation: Activation): Promise<Buffer> {
    const { bridge } = this.#cluster;
    const encoded = (completion: Completion) => encodeCompletion(bridge, completion);
    const failed = (error: unknown) => encoded({ runId: activation.runId, failed: { failure: workerGone(error) } });
    return await this.#process.activate(activation).then(encoded).catch(failed);
  }

  async #activityTask(data: Buffer): Promise<void> {
    const { taskToken, start, cancel } = decode(this.#cluster.bridge, 'coresdk.activity_task.ActivityTask', data);
    if (cancel) this.#process.cancelActivity(taskToken, REASONS[cancel.reason ?? 'NOT_FOUND'] ?? 'cancel_requested');
    if (start) await this.#attempt(taskToken, start);
  }

  async #attempt(taskToken: string, start: Fields): Promise<void> {
    this.#attempts.add(taskToken);
    const encoded = (result: Fields) =>
      encodeDelimited(this.#cluster.bridge, 'coresdk.ActivityTaskCompletion', { taskToken, result });
    const failed = (error: unknown) => encoded({ failed: { failure: workerGone(error) } });
    const completion = await this.#process.runActivity(taskToken, start).then(encoded).catch(failed);
    this.#attempts.delete(taskToken);
    await this.#native.workerCompleteActivityTask(this.#worker, completion);
  }
}

function workerGone(error: unknown): Failure {
  return { message: (error as Error).message, applicationFailureInfo: { type: 'WorkerGone' } };
}

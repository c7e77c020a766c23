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

/** Takes the tasks of one task queue from the cluster to a process of Python, and what came of them back. */
export class ClusterWorker {
  readonly #cluster: Cluster;
  readonly #native: Native;
  readonly #worker: TemporalWorker;
  readonly #process: WorkflowWorker;
  /** Attempts that are going on, by token. */
  readonly #attempts = new Set<string>();
  readonly #ended: Promise<unknown>;
  readonly #report: (error: Error) => void;

  /** `report` hears of what goes wrong between here and the cluster, which gives such tasks out again. */
  constructor(
    cluster: Cluster,
    { taskQueue, served }: { readonly taskQueue: string; readonly served: Served },
    process: WorkflowWorker,
    report: (error: Error) => void,
  ) {
    this.#cluster = cluster;
    this.#native = cluster.bridge.native;
    this.#process = process;
    this.#report = report;
    const { namespace, identity } = cluster;
    this.#worker = this.#native.newWorker(cluster.client, workerOptions({ namespace, taskQueue, identity }, served));
    const { workerPollWorkflowActivation, workerPollActivityTask } = this.#native;
    this.#ended = Promise.all([
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
    await this.#ended;
    await this.#native.workerFinalizeShutdown(this.#worker);
  }

  /** Asks for one task after another; each is worked on beside the others. Ends when the worker is shut down. */
  async #poll(next: (worker: TemporalWorker) => Promise<Buffer>, work: (data: Buffer) => Promise<void>): Promise<void> {
    const working = new Set<Promise<void>>();
    for (;;) {
      const data = await next(this.#worker).catch((error: Error) => {
        if (error.name !== 'ShutdownError') this.#report(error);
      });
      if (!data) break;
      const task = work(data)
        .catch(this.#report)
        .finally(() => working.delete(task));
      working.add(task);
    }
    await Promise.all(working);
  }

  async #workflowTask(data: Buffer): Promise<void> {
    const { bridge } = this.#cluster;
    const completion = await this.#complete(decodeActivation(bridge, data));
    await this.#native.workerCompleteWorkflowActivation(this.#worker, encodeCompletion(bridge, completion));
  }

  async #complete(activation: Activation): Promise<Completion> {
    const { runId } = activation;
    return await this.#process.activate(activation).catch((error: unknown) => ({
      runId,
      failed: { failure: workerGone(error) },
    }));
  }

  async #activityTask(data: Buffer): Promise<void> {
    const { taskToken, start, cancel } = decode(this.#cluster.bridge, 'coresdk.activity_task.ActivityTask', data);
    if (cancel) this.#process.cancelActivity(taskToken, REASONS[cancel.reason ?? 'NOT_FOUND'] ?? 'cancel_requested');
    if (start) await this.#attempt(taskToken, start);
  }

  async #attempt(taskToken: string, start: Fields): Promise<void> {
    this.#attempts.add(taskToken);
    const result = await this.#process.runActivity(taskToken, start).catch((error: unknown) => ({
      failed: { failure: workerGone(error) },
    }));
    this.#attempts.delete(taskToken);
    const completion = encodeDelimited(this.#cluster.bridge, 'coresdk.ActivityTaskCompletion', { taskToken, result });
    await this.#native.workerCompleteActivityTask(this.#worker, completion);
  }
}

function workerGone(error: unknown): Failure {
  return { message: (error as Error).message, applicationFailureInfo: { type: 'WorkerGone' } };
}

import type { Asks, ScriptHost } from '../script-host.ts';
import type { Payload } from '../wire.ts';
import type { WorkflowWorker } from '../worker.ts';
import { bridgeFolder, loadBridge } from './bridge.ts';
import { Cluster } from './cluster.ts';
import { clusterAsks } from './cluster-asks.ts';
import { ClusterWorker } from './cluster-worker.ts';
import type { EngineAddress } from './engine-address.ts';
import { replayHistory } from './replay-history.ts';

/** Workflows of a script on a Temporal cluster: it keeps them, and the script works for it. */
export class TemporalHost implements ScriptHost {
  readonly #cluster: Cluster;
  readonly #workers = new Map<string, ClusterWorker>();

  readonly #report: (line: string) => void;

  private constructor(cluster: Cluster, report: (line: string) => void) {
    this.#cluster = cluster;
    this.#report = report;
  }

  /** Throws FAILED_PRECONDITION with a sentence where Temporal's packages are missing, or nobody answers. */
  static async connect(address: EngineAddress, report: (line: string) => void): Promise<TemporalHost> {
    return new TemporalHost(await Cluster.connect(loadBridge(bridgeFolder(process.env)), address), report);
  }

  asks(workerOf: (taskQueue: string) => WorkflowWorker): Asks {
    return {
      ...clusterAsks(this.#cluster),
      register: ({ taskQueue, workflows, activities }) => {
        const served = { workflows: workflows.length > 0, activities: activities.length > 0 };
        const failed = ({ message }: Error) => this.#report(`Task queue ${taskQueue}: ${message}`);
        const worker = new ClusterWorker(this.#cluster, { taskQueue, served }, workerOf(taskQueue), { failed });
        this.#workers.set(taskQueue, worker);
      },
      unregister: ({ taskQueue }) => this.#unregister(taskQueue),
      replay: ({ taskQueue, events }) => {
        const script = workerOf(taskQueue);
        const history = { workflowId: 'replay', events };
        return replayHistory(this.#cluster.bridge, history, (activation) => script.activate(activation));
      },
    };
  }

  heartbeat(token: string, details: readonly Payload[]): void {
    for (const worker of this.#workers.values()) worker.heartbeat(token, details);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.keys()].map((taskQueue) => this.#unregister(taskQueue)));
    this.#cluster.close();
  }

  async #unregister(taskQueue: string): Promise<void> {
    const worker = this.#workers.get(taskQueue);
    this.#workers.delete(taskQueue);
    await worker?.close();
  }
}

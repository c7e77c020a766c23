import { HanabiError, LIMITS } from '@hanabi/protocol';
import { Cluster, ClusterWorker, type EngineAddress, EngineError, loadBridge } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { WorkflowOwner } from '../begin-run.ts';
import { ModuleWorker, type WorkerParts } from './module-worker.ts';
import { queueOf } from './names.ts';

export interface ClusterSettings {
  readonly address: EngineAddress;
  /** Where Temporal’s packages are installed. */
  readonly bridge_dir: string;
}

interface Parts {
  settings: ClusterSettings;
  log: Logger;
  /** Modules whose tasks this server takes, at this moment. */
  modules: () => readonly string[];
  /** What is different of this run now, and whose it is. */
  told: (owner: WorkflowOwner, run_id: string) => void;
}

interface Serving {
  readonly worker: ModuleWorker;
  readonly tasks: ClusterWorker;
}

/** The way to the cluster, and a worker for each module that has workflows. What is lost of it comes back after a while. */
export class ClusterConnection {
  private readonly parts: Parts;
  private readonly serving = new Map<string, Serving>();
  private cluster: Cluster | undefined;
  private workers: WorkerParts | undefined;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private state: 'new' | 'open' | 'closed' = 'new';
  private problem = 'it has not been asked yet';

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** `workers`: what tasks are worked off with; undefined: this server takes none. */
  start(workers: WorkerParts | undefined): void {
    this.workers = workers;
    this.state = 'open';
    this.timer = setInterval(() => void this.look(), LIMITS.job_safety_interval_ms).unref();
    void this.look();
  }

  /** HANABI-W032. */
  async get(): Promise<Cluster> {
    if (!this.cluster) await this.looking;
    if (!this.cluster) throw new HanabiError('HANABI-W032', this.problem);
    return this.cluster;
  }

  /** Does what is to be done: connects, and begins or ends to work for modules. Fails never. */
  look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      if (this.state !== 'open') return;
      try {
        this.cluster ??= await this.connect();
        await this.serve(this.cluster);
      } catch (error) {
        this.parts.log.error({ err: error }, 'workflows: the cluster of HANABI_WORKFLOW_ENGINE cannot be used');
      }
    });
    return this.looking;
  }

  async stopRevoked(): Promise<void> {
    await Promise.all([...this.serving.values()].map(({ worker }) => worker.stopRevoked()));
  }

  /** Tasks that were begun are handed in; activities are told to end, and are tried again elsewhere. */
  async close(): Promise<void> {
    this.state = 'closed';
    clearInterval(this.timer);
    await this.looking;
    await Promise.all([...this.serving.values()].map(({ tasks }) => tasks.close()));
    this.cluster?.close();
  }

  private async connect(): Promise<Cluster> {
    const { address, bridge_dir } = this.parts.settings;
    try {
      return await Cluster.connect(loadBridge(bridge_dir), address);
    } catch (error) {
      // The address is nobody’s business who asks; it stands in the log.
      this.problem =
        error instanceof EngineError && error.kind === 'FAILED_PRECONDITION' ? NOT_INSTALLED : 'it does not answer';
      throw error;
    }
  }

  private async serve(cluster: Cluster): Promise<void> {
    if (!this.workers) return;
    const wanted = new Set(this.parts.modules());
    for (const [module_id, { tasks }] of this.serving) {
      if (wanted.has(module_id)) continue;
      this.serving.delete(module_id);
      await tasks.close();
    }
    for (const module_id of wanted) if (!this.serving.has(module_id)) this.open(cluster, this.workers, module_id);
  }

  private open(cluster: Cluster, workers: WorkerParts, module_id: string): void {
    const worker = new ModuleWorker(workers, module_id, (token, details) => tasks.heartbeat(token, details));
    const tasks = new ClusterWorker(cluster, { taskQueue: queueOf(module_id), served: SERVED }, worker, {
      failed: (error) => this.parts.log.error({ err: error, module: module_id }, 'workflows: a task was lost'),
      told: (run_id) => {
        const owner = worker.ownerOf(run_id);
        if (owner) this.parts.told(owner, run_id);
      },
    });
    const opened = { worker, tasks };
    this.serving.set(module_id, opened);
    // The cluster wanted no more of it: it is opened anew at the next look.
    tasks.ended
      .then(async () => {
        if (this.state !== 'open' || this.serving.get(module_id) !== opened) return;
        this.serving.delete(module_id);
        await tasks.close();
      })
      .catch((error: unknown) =>
        this.parts.log.error({ err: error, module: module_id }, 'workflows: a worker could not be closed'),
      );
  }
}

const NOT_INSTALLED = 'Temporal’s packages are not installed';

const SERVED = {
  workflows: true,
  activities: true,
  at_a_time: { tasks: LIMITS.workflow_tasks_of_module_max, activities: LIMITS.workflow_cluster_activities_max },
};

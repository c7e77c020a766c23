/** The sealed processes that execute workflows: one for each user of a module, in the version that this user has. */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import type { WorkflowProcess } from '@hanabi/sandbox';
import type { Users } from '../accounts/users.ts';
import type { PermissionUses } from '../modules/permission-uses.ts';
import type { ModuleRegistry } from '../modules/registry.ts';
import type { WorkflowOwner } from './begin-run.ts';
import { openProcess, type OpenParts } from './open-process.ts';
import { runnableModule } from './runnable.ts';

export interface ProcessParts extends OpenParts {
  registry: ModuleRegistry;
  users: Users;
  uses: PermissionUses;
}

interface Hosted {
  owner: WorkflowOwner;
  package_dir: string;
  process: Promise<WorkflowProcess>;
  /** Tasks that it is executing, or will. */
  users: number;
}

export class WorkflowProcesses {
  private readonly parts: ProcessParts;
  /** The one that was used last comes last. */
  private readonly hosted = new Map<string, Hosted>();
  private readonly closing = new AbortController();

  constructor(parts: ProcessParts) {
    this.parts = parts;
  }

  /** Has the process of a module do something. What it had in memory of another version, or before it died, is gone. */
  async use<T>(owner: WorkflowOwner, work: (process: WorkflowProcess) => Promise<T>): Promise<T> {
    const { module, user, entry } = await runnableModule(this.parts, owner);
    const key = `${owner.user_id} ${owner.module_id}`;
    let hosted = this.hosted.get(key);
    if (hosted && hosted.package_dir !== module.package_dir) {
      this.end(key, hosted);
      hosted = undefined;
    }
    if (!hosted) {
      this.parts.uses.note({ user, module, detail: 'workflows' }, ['worker.workflow']);
      const { user_id, module_id } = owner;
      const { package_dir } = module;
      const opened = {
        owner: { user_id, module_id },
        package_dir,
        users: 0,
        process: openProcess(this.parts, module, entry, this.closing.signal),
      };
      hosted = opened;
      const gone = () => this.hosted.get(key) === opened && this.hosted.delete(key);
      opened.process.then(({ ended }) => ended).then(gone, gone);
    }
    this.hosted.delete(key);
    this.hosted.set(key, hosted);
    hosted.users += 1;
    this.makeRoom();
    try {
      return await work(await hosted.process);
    } finally {
      hosted.users -= 1;
    }
  }

  /** Those that may no longer run are ended, whatever they are doing. */
  async stopRevoked(): Promise<void> {
    for (const [key, hosted] of this.hosted) {
      await runnableModule(this.parts, hosted.owner).catch((error: unknown) => {
        if (this.hosted.get(key) === hosted) this.end(key, hosted);
        if (!(error instanceof HanabiError)) throw error;
      });
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled([...this.hosted.values()].map(async ({ process }) => (await process).close()));
  }

  private makeRoom(): void {
    for (const [key, hosted] of this.hosted) {
      if (this.hosted.size <= LIMITS.workflow_processes_max) return;
      if (hosted.users === 0) this.end(key, hosted);
    }
  }

  private end(key: string, { process }: Hosted): void {
    this.hosted.delete(key);
    process.then((opened) => opened.close()).catch(() => {}); // it never came up, or whoever uses it is told
  }
}

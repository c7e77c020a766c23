import { join } from 'node:path';
import {
  type ErrorBody,
  HanabiError,
  type HanabiEvent,
  type Job,
  LIMITS,
  type TierLimits,
  type Tiers,
} from '@hanabi/protocol';
import type { JobResult, NetworkPolicy, Sandbox } from '@hanabi/sandbox';
import type { Insertable, Selectable } from 'kysely';
import { rm } from 'node:fs/promises';
import type { Audit, AuditedJob } from '../audit.ts';
import { newId } from '../ids.ts';
import type { ModuleLibraries } from '../modules/libraries.ts';
import type { InstalledModule } from '../modules/registry.ts';
import type { Blobs } from '../storage/blobs.ts';
import { type Db, now } from '../storage/db.ts';
import { toFileRef } from '../storage/file-ref.ts';
import type { FileRow, FileTree, FolderRow } from '../storage/file-tree.ts';
import type { Tables } from '../storage/schema.ts';
import { audited } from './audited.ts';

type JobRow = Selectable<Tables['jobs']>;

interface Parts {
  db: Db;
  blobs: Blobs;
  tree: FileTree;
  sandbox: Sandbox;
  audit: Audit;
  libraries: ModuleLibraries;
  tiers: Tiers;
}

export interface JobOrder {
  userId: string;
  module: InstalledModule;
  options: Record<string, unknown>;
  inputs: readonly FileRow[];
  /** Where the outputs go. */
  exports: FolderRow;
  /** Whether the module may show progress. */
  emitsProgress: boolean;
  /** Whether its worker may run the media tools. */
  native: boolean;
  /** What its worker reaches; undefined: nothing. */
  network: NetworkPolicy | undefined;
}

/** Jobs of sealed workers: what was ordered, how it ended, and what came of it. */
export class Jobs {
  private readonly parts: Parts;
  private readonly inFlight = new Map<string, number>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** A job that was running when the server died has no one to finish it; its outputs were never stored. */
  async failInterrupted(): Promise<void> {
    const lost = new HanabiError('HANABI-W009', 'the server was restarted').toBody();
    await this.parts.db
      .updateTable('jobs')
      .set({ state: 'failed', error_code: lost.code, error_message: lost.message, finished_at: now() })
      .where('state', 'in', ['queued', 'running'])
      .execute();
  }

  /**
   * Runs the module's worker. Yields its events and returns the finished job; a failed one ends with the HANABI-W
   * error that is also kept with the job. An abort of the signal kills the worker.
   */
  async *run(order: JobOrder, signal: AbortSignal): AsyncGenerator<HanabiEvent, Job, void> {
    const { module, userId } = order;
    const entry = module.manifest.entrypoints.worker;
    if (!entry) throw new HanabiError('HANABI-W001', module.manifest.name);
    const key = `${userId} ${module.id}`;
    const running = this.inFlight.get(key) ?? 0;
    if (running >= LIMITS.jobs_in_flight_per_module_max) {
      throw new HanabiError('HANABI-Q004', `at most ${LIMITS.jobs_in_flight_per_module_max} at a time`);
    }
    this.inFlight.set(key, running + 1);
    try {
      const job = await this.insert(order);
      return yield* this.runInserted(job, entry, order, signal);
    } finally {
      const left = this.inFlight.get(key)! - 1;
      if (left > 0) this.inFlight.set(key, left);
      else this.inFlight.delete(key);
    }
  }

  private async *runInserted(
    job: JobRow,
    entry: string,
    order: JobOrder,
    signal: AbortSignal,
  ): AsyncGenerator<HanabiEvent, Job, void> {
    const stopped = new AbortController();
    const ended = AbortSignal.any([signal, stopped.signal]);
    let settled = false;
    let events: ReturnType<typeof audited> | undefined;
    try {
      const inputs: { name: string; path: string }[] = [];
      for (const { name, sha256 } of order.inputs)
        inputs.push({ name, path: await this.parts.blobs.localPath(sha256) });
      const running = this.parts.sandbox.runJob(
        {
          id: job.id,
          module_dir: order.module.package_dir,
          entry,
          inputs,
          options: order.options,
          limits: this.limitsOf(order.module),
          native: order.native,
          network: order.network,
          libraries: false,
          layer_dir: await this.parts.libraries.layerOf(order.module.manifest, ended),
        },
        ended,
      );
      events = audited(running, this.parts.audit, auditedJob(job));
      for (;;) {
        const step = await events.next();
        if (step.done) {
          const finished = await this.complete(job, order.exports, step.value);
          settled = true;
          return finished;
        }
        const event = step.value;
        if (event.kind === 'progress' && order.emitsProgress) {
          job.progress_pct = event.pct;
          yield { type: 'HANABI_JOB_PROGRESS', jobId: job.id, progressPct: event.pct, message: event.message };
        } else if (event.kind === 'output') {
          yield {
            type: 'HANABI_JOB_OUTPUT',
            jobId: job.id,
            seq: event.seq,
            chunk: event.chunk,
            encoding: event.encoding,
          };
        }
      }
    } catch (cause) {
      settled = true;
      throw await this.fail(job, cause);
    } finally {
      // Whoever listened went away in the middle of the events: the worker ends with them.
      if (!settled) {
        stopped.abort();
        await events?.return(undefined as never);
        await this.fail(job, new HanabiError('HANABI-W016'));
      }
    }
  }

  /** The finished and failed jobs of a module for a user, newest first. */
  async list(userId: string, moduleId: string): Promise<Job[]> {
    const rows = await this.parts.db
      .selectFrom('jobs')
      .selectAll()
      .where('user_id', '=', userId)
      .where('module_id', '=', moduleId)
      .orderBy('seq', 'desc')
      .limit(LIMITS.job_history_max)
      .execute();
    const ids = rows.map((row) => row.id);
    const outputs = ids.length === 0 ? [] : await this.outputsOf(ids);
    return rows.map((row) =>
      toJob(
        row,
        outputs.filter((output) => output.job_id === row.id),
      ),
    );
  }

  private outputsOf(jobIds: readonly string[]) {
    return this.parts.db
      .selectFrom('job_outputs')
      .innerJoin('files', 'files.id', 'job_outputs.file_id')
      .selectAll('files')
      .select('job_outputs.job_id')
      .where('job_outputs.job_id', 'in', [...jobIds])
      .orderBy('job_outputs.position')
      .execute();
  }

  /** An operator may have taken a tier away since the module was installed. */
  private limitsOf({ manifest }: InstalledModule): TierLimits {
    const { tier } = manifest.worker;
    const limits = Object.hasOwn(this.parts.tiers, tier) ? this.parts.tiers[tier] : undefined;
    if (limits) return limits;
    throw new HanabiError('HANABI-M007', `"${tier}"; there are ${Object.keys(this.parts.tiers).join(', ')}`);
  }

  private async insert(order: JobOrder): Promise<JobRow> {
    const row: Insertable<Tables['jobs']> = {
      id: newId(),
      user_id: order.userId,
      module_id: order.module.id,
      module_version: order.module.version,
      state: 'running',
      progress_pct: 0,
      options: JSON.stringify(order.options),
      error_code: null,
      error_message: null,
      log: '',
      created_at: now(),
      started_at: now(),
      finished_at: null,
    };
    return this.parts.db.insertInto('jobs').values(row).returningAll().executeTakeFirstOrThrow();
  }

  /** Outputs become blobs first; then files and the end of the job become visible in one transaction. */
  private async complete(job: JobRow, exports: FolderRow, result: JobResult): Promise<Job> {
    const { db, blobs, tree } = this.parts;
    try {
      for (const output of result.outputs) await blobs.adopt(output.path, output.sha256);
    } finally {
      await removeOutbox(result);
    }
    return db.transaction().execute(async (transaction) => {
      const files: FileRow[] = [];
      for (const [position, { name, sha256, size_bytes }] of result.outputs.entries()) {
        const file = await tree.putFile(exports, name, { sha256, size_bytes }, 'keep-both', transaction);
        await transaction.insertInto('job_outputs').values({ job_id: job.id, position, file_id: file.id }).execute();
        files.push(file);
      }
      const change = { state: 'completed', progress_pct: 100, log: result.log, finished_at: now() } as const;
      await transaction.updateTable('jobs').set(change).where('id', '=', job.id).execute();
      return toJob({ ...job, ...change }, files);
    });
  }

  private async fail(job: JobRow, cause: unknown): Promise<HanabiError> {
    const error = cause instanceof HanabiError ? cause : new HanabiError('HANABI-V009', undefined, { cause });
    const body: ErrorBody = { ...error.toBody(), jobId: job.id };
    await this.parts.db
      .updateTable('jobs')
      .set({
        state: error.code === 'HANABI-W016' ? 'cancelled' : 'failed',
        progress_pct: job.progress_pct,
        error_code: error.code,
        error_message: error.message,
        log: error.log ?? '',
        finished_at: now(),
      })
      .where('id', '=', job.id)
      .execute();
    const failure = HanabiError.fromBody(body);
    failure.cause = error.cause;
    return failure;
  }
}

function auditedJob({ id, user_id, module_id, module_version }: JobRow): AuditedJob {
  return { user_id, module_id, module_version, job_id: id };
}

/** The supervisor leaves the outputs of a job in one folder, which is ours from then on. */
async function removeOutbox(result: JobResult): Promise<void> {
  const first = result.outputs[0];
  if (first) await rm(join(first.path, '..'), { recursive: true, force: true });
}

function toJob(row: JobRow, outputs: readonly FileRow[]): Job {
  return {
    id: row.id,
    state: row.state,
    progress_pct: row.progress_pct,
    options: JSON.parse(row.options) as Job['options'],
    outputs: outputs.map(toFileRef),
    error: row.error_code ? errorOf(row.error_code, row.error_message ?? '') : null,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
  };
}

function errorOf(code: string, message: string): Job['error'] {
  const { category } = HanabiError.fromBody({ code: code as ErrorBody['code'], category: 'FAILED', message });
  return { code, category, message };
}

/**
 * Jobs of sealed workers, accepted once and worked off by whichever server takes them. A page that waits for its job
 * has it run here and now; what is queued is taken as places become free.
 */
import {
  type ErrorBody,
  HanabiError,
  type HanabiEvent,
  type Job,
  LIMITS,
  type UserJobDetails,
  type UserJobs,
} from '@hanabi/protocol';
import type { JobEvent, JobResult, Sandbox } from '@hanabi/sandbox';
import type { Logger } from 'pino';
import type { Audit, AuditedJob } from '../audit.ts';
import type { LiveBus } from '../live/bus.ts';
import type { Live } from '../live/live.ts';
import type { InstalledModule } from '../modules/registry.ts';
import { isSqlite } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';
import type { Change, FileRow, FolderRow } from '../storage/rows.ts';
import type { Signals } from '../storage/signals.ts';
import { audited } from './audited.ts';
import { type JobKind, jobNews, type JobRow, toJob } from './job-rows.ts';
import { JobStore } from './job-store.ts';
import { Leases, type Run } from './leases.ts';
import { jobOf, listJobs } from './list-jobs.ts';
import { type JobsWish, listUserJobs, rowForAgain, userJob } from './user-jobs.ts';
import { removeOutbox } from './remove-outbox.ts';
import { IN_FLIGHT_MAX, type PreparationParts, type PreparedJob, prepareJob, PRIORITIES } from './prepare-job.ts';

interface Parts extends PreparationParts {
  db: Db;
  sandbox: Sandbox;
  audit: Audit;
  bus: LiveBus;
  live: Live;
  log: Logger;
  signals: Signals;
  /** Of this server, also after it was started again. */
  server_id: string;
  /** Whether it takes what is queued; where not, other servers of the same database do. */
  works_off: boolean;
  /** Jobs that the sandbox runs at a time. */
  places: number;
}

export interface JobOrder {
  kind: JobKind;
  userId: string;
  module: InstalledModule;
  options: Record<string, unknown>;
  inputs: readonly Pick<FileRow, 'name' | 'sha256'>[];
  scheduleId?: string;
  /** Asked for by a person: then schedules, which bound themselves, are no exception to the quota. */
  byHand?: boolean;
}

export class Jobs {
  private readonly parts: Parts;
  private readonly store: JobStore;
  private readonly leases: Leases;
  private readonly runs = new Map<string, Run>();
  /** Those that nobody waits for. */
  private readonly background = new Set<Promise<void>>();
  private readonly timers: NodeJS.Timeout[] = [];
  private stopListening: () => void = () => {};
  private pumping: Promise<void> | undefined;
  private again = false;
  private state: 'new' | 'open' | 'closing' = 'new';

  constructor(parts: Parts) {
    this.parts = parts;
    this.store = new JobStore(parts.db, parts.server_id);
    this.leases = new Leases(this.store, this.runs);
  }

  /** Looks after what a server before this one left, and begins to work off the queue. */
  async start(): Promise<void> {
    // One server alone has a SQLite database; whoever had a job before is dead. And so is who was this server before.
    this.tell(await this.store.recover(isSqlite(this.parts.db) ? 'all' : 'mine'));
    this.state = 'open';
    this.stopListening = this.parts.bus.subscribe((message) => {
      // Cancelled by its user, perhaps on another server: its worker need not go on.
      if (message.kind !== 'event' || message.event.topic !== 'job' || message.event.state !== 'cancelled') return;
      this.runs.get(message.event.id)?.stop.abort();
    });
    this.parts.registry.onRightsChanged(() => void this.stopRevoked());
    this.parts.signals.on('jobs', () => this.pumpSoon());
    this.every(LIMITS.job_lease_ms / 3, () => this.leases.renew());
    this.every(LIMITS.job_safety_interval_ms, () => this.lookAround());
    this.pumpSoon();
  }

  /** The server is about to stop: whoever goes away from now on goes because of that, and has cancelled nothing. */
  expectClose(): void {
    this.state = 'closing';
  }

  /** Ends what runs; it waits for the next server, or has failed, as its author chose. */
  async close(): Promise<void> {
    this.expectClose();
    this.stopListening();
    for (const timer of this.timers) clearInterval(timer);
    await this.pumping;
    for (const { stop } of this.runs.values()) stop.abort();
    await Promise.all(this.background);
  }

  /**
   * Runs the module's worker while somebody waits. Yields its events and returns the finished job; a failed one ends
   * with the error that is also kept with the job. An abort of the signal kills the worker.
   */
  async *run(order: JobOrder, signal: AbortSignal): AsyncGenerator<HanabiEvent, Job, void> {
    const row = await this.accept(order, true);
    this.tell([row]);
    return yield* this.execute(row, signal);
  }

  /** When it settles, the job is on disk and will be worked off. With `change` that is when its transaction ends. */
  async enqueue(order: JobOrder, change?: Change): Promise<Job> {
    const row = await this.accept(order, false, change);
    if (change) return toJob(row, []);
    this.tell([row]);
    this.wake();
    return this.get(order.userId, order.module.id, row.id);
  }

  /** The jobs of a module for a user, newest first. */
  list(userId: string, moduleId: string): Promise<Job[]> {
    return listJobs(this.parts.db, this.runs, userId, moduleId);
  }

  /** HANABI-W020 when this module has no such job for this user. */
  get(userId: string, moduleId: string, jobId: string): Promise<Job & { log: string }> {
    return jobOf(this.parts.db, this.runs, userId, moduleId, jobId);
  }

  /** HANABI-W019 when it is queued no more. */
  async cancel(userId: string, moduleId: string, jobId: string): Promise<Job> {
    const cancelled = await this.store.cancel(userId, moduleId, jobId);
    if (cancelled) {
      this.tell([cancelled]);
      return toJob(cancelled, []);
    }
    const { state } = await this.get(userId, moduleId, jobId);
    throw new HanabiError('HANABI-W019', state === 'running' ? 'it is running' : `it is ${state}`);
  }

  /** Tells of a job that was accepted in a transaction, when that has ended. */
  announce(userId: string, moduleId: string, job: Job): void {
    const { id, kind, state, progress_pct } = job;
    const news = { id, module_id: moduleId, kind, state, progress_pct, error_code: null };
    this.parts.live.jobChanged(userId, news);
    this.wake();
  }

  /** The jobs of a user, of all modules. */
  listAll(userId: string, wish: JobsWish): Promise<UserJobs> {
    return listUserJobs(this.parts, this.runs, userId, wish);
  }

  /** HANABI-W020 when the user has no such job. */
  details(userId: string, jobId: string): Promise<UserJobDetails> {
    return userJob(this.parts, this.runs, userId, jobId);
  }

  /** For its user: also one that runs, which ends wherever it does. HANABI-W019 when it has ended before. */
  async cancelForUser(userId: string, jobId: string): Promise<void> {
    const cancelled = await this.store.cancelOpen(userId, jobId);
    if (cancelled) {
      this.tell([cancelled]);
      return;
    }
    const { state } = await this.details(userId, jobId);
    throw new HanabiError('HANABI-W019', `it is ${state}`);
  }

  /** The same once more: the same kind, options and inputs, by the module as it is now. HANABI-W022 without the inputs. */
  async runAgain(userId: string, jobId: string): Promise<Job> {
    const { db, registry } = this.parts;
    const { kind, module_id, options, inputs } = await rowForAgain(db, userId, jobId);
    const module = registry.get(module_id, userId);
    if (!module.manifest.entrypoints.worker) throw new HanabiError('HANABI-W001', module.manifest.name);
    return this.enqueue({ kind, userId, module, options, inputs, byHand: true });
  }

  /** There may be something to take. */
  wake(): void {
    this.parts.signals.tell('jobs');
    this.pumpSoon();
  }

  private pumpSoon(): void {
    this.again = true;
    if (this.state !== 'open' || this.pumping || !this.parts.works_off) return;
    this.pumping = this.pump()
      .catch((error: unknown) => this.parts.log.error({ err: error }, 'the queue of jobs could not be read'))
      .finally(() => {
        this.pumping = undefined;
      });
  }

  private tell(rows: readonly JobRow[]): void {
    for (const row of rows) this.parts.live.jobChanged(row.user_id, jobNews(row));
  }

  private accept(wish: JobOrder, leased: boolean, change?: Change) {
    const { kind, userId, module, options, inputs, scheduleId, byHand } = wish;
    const order = {
      kind,
      userId,
      module,
      options: JSON.stringify(options),
      inputs,
      priority: PRIORITIES[kind],
      attempts_max: 1 + module.manifest.worker.retry,
      scheduleId: scheduleId ?? null,
      in_flight_max: IN_FLIGHT_MAX[kind] ?? (byHand ? LIMITS.tasks_in_flight_per_module_max : null),
    };
    return this.store.accept(order, leased, change);
  }

  /** Twice as many as there are places, so that the sandbox always knows the next ones and can be fair between them. */
  private async pump(): Promise<void> {
    while (this.again && this.state === 'open') {
      this.again = false;
      const free = 2 * this.parts.places - this.background.size;
      if (free <= 0) return;
      for (const row of await this.store.claim(free)) this.workOff(row);
    }
  }

  private workOff(row: JobRow): void {
    const work = async () => {
      const events = this.execute(row, new AbortController().signal);
      for (let step = await events.next(); !step.done; ) step = await events.next();
    };
    const done = work()
      .catch((error: unknown) => {
        // How a worker failed is kept with its job.
        if (!(error instanceof HanabiError) || error.code === 'HANABI-V009') {
          this.parts.log.error({ err: error, job: row.id }, 'a job failed');
        }
      })
      .finally(() => {
        this.background.delete(done);
        this.pumpSoon();
      });
    this.background.add(done);
  }

  private async *execute(accepted: JobRow, signal: AbortSignal): AsyncGenerator<HanabiEvent, Job, void> {
    const stop = new AbortController();
    const run: Run = { job: accepted, position: 0, progress_pct: 0, saved_pct: 0, stop };
    const ended = AbortSignal.any([signal, stop.signal]);
    this.runs.set(accepted.id, run);
    let settled = false;
    let events: ReturnType<typeof audited> | undefined;
    try {
      const prepared = await prepareJob(this.parts, this.store, accepted, ended);
      run.requireStillGranted = prepared.requireStillGranted;
      const running = this.parts.sandbox.runJob(prepared.spec, ended);
      events = audited(running, this.parts.audit, auditedJob(accepted));
      for (;;) {
        const step = await events.next();
        if (step.done) {
          const finished = await this.complete(run, prepared.exports, step.value);
          settled = true;
          return finished;
        }
        const event = await this.take(run, prepared, step.value);
        if (event) yield event;
      }
    } catch (cause) {
      settled = true;
      stop.abort();
      await events?.return(undefined as never);
      throw await this.fail(run, run.refusal ?? cause);
    } finally {
      // Whoever listened went away in the middle of the events: the worker ends with them.
      if (!settled) {
        stop.abort();
        await events?.return(undefined as never);
        await this.fail(run, new HanabiError('HANABI-W016'));
      }
      this.runs.delete(accepted.id);
    }
  }

  private async take(
    run: Run,
    { module, emitsProgress, requireStillGranted }: PreparedJob,
    event: Exclude<JobEvent, { kind: 'fetched' }>,
  ): Promise<HanabiEvent | undefined> {
    const jobId = run.job.id;
    const progress = (progressPct: number, message: string): HanabiEvent | undefined =>
      emitsProgress ? { type: 'HANABI_JOB_PROGRESS', jobId, progressPct, message } : undefined;
    switch (event.kind) {
      case 'queued':
        run.position = event.position;
        return progress(0, `Waiting for a place: number ${event.position} in line`);
      case 'admitted': {
        await requireStillGranted();
        // Nothing of it runs before this is on disk.
        const begun = await this.store.begin(run.job, module.version);
        if (!begun) throw new HanabiError('HANABI-W016');
        run.job = begun;
        run.position = 0;
        this.tell([begun]);
        return undefined;
      }
      case 'progress':
        if (emitsProgress) {
          run.progress_pct = event.pct;
          this.parts.live.jobMoved(run.job.user_id, { ...jobNews(run.job), progress_pct: event.pct });
        }
        return progress(event.pct, event.message);
      case 'output': {
        const { seq, chunk, encoding } = event;
        return { type: 'HANABI_JOB_OUTPUT', jobId, seq, chunk, encoding };
      }
      default:
        return undefined;
    }
  }

  /** A right that is taken away ends what runs by it. */
  private async stopRevoked(): Promise<void> {
    for (const run of this.runs.values()) {
      await run.requireStillGranted?.().catch((error: unknown) => {
        if (error instanceof HanabiError) run.refusal = error;
        else this.parts.log.error({ err: error, job: run.job.id }, 'the rights of a running job could not be read');
        run.stop.abort();
      });
    }
  }

  /** Outputs become blobs first; then files and the end of the job become visible in one transaction. */
  private async complete({ job }: Run, exports: FolderRow, result: JobResult): Promise<Job> {
    const { blobs, tree } = this.parts;
    try {
      for (const output of result.outputs) await blobs.adopt(output.path, output.sha256);
    } finally {
      await removeOutbox(result);
    }
    const ended = await this.store.complete(job, result.log, async (db) => {
      const files: FileRow[] = [];
      for (const [position, { name, sha256, size_bytes }] of result.outputs.entries()) {
        const file = await tree.putFile(exports, name, { sha256, size_bytes }, 'keep-both', db);
        await db.insertInto('job_outputs').values({ job_id: job.id, position, file_id: file.id }).execute();
        files.push(file);
      }
      return files;
    });
    if (!ended) throw new HanabiError('HANABI-W009', 'another server has taken the job over');
    this.tell([ended.row]);
    if (ended.files.length > 0) this.parts.live.filesChanged(job.user_id);
    return toJob(ended.row, ended.files);
  }

  /** Changes nothing when the job is no longer this server's. */
  private async fail({ job, progress_pct, stop, lost }: Run, cause: unknown): Promise<HanabiError> {
    const error = cause instanceof HanabiError ? cause : new HanabiError('HANABI-V009', undefined, { cause });
    const lostSandbox = error.code === 'HANABI-W015' && job.state === 'running' && job.kind !== 'call';
    if (this.state === 'closing' && stop.signal.aborted)
      this.tell(await this.store.giveBack(job, 'the server was stopped'));
    else if (lostSandbox) this.tell(await this.store.giveBack(job, error.message));
    else if (lost) this.tell(await this.store.giveBack(job, 'the database could not be reached'));
    else {
      const ended = await this.store.fail(job, error, progress_pct);
      if (ended) this.tell([ended]);
    }
    if (this.state === 'closing') this.parts.signals.tell('jobs');
    const body: ErrorBody = { ...error.toBody(), jobId: job.id };
    const failure = HanabiError.fromBody(body);
    failure.cause = error.cause;
    return failure;
  }

  private async lookAround(): Promise<void> {
    // Its own first: a server that stood still for long, alone, has lost nothing.
    await this.leases.renew();
    this.tell(await this.store.recover('lost'));
    await this.store.forgetOld();
    this.pumpSoon();
  }

  private every(interval_ms: number, work: () => Promise<void>): void {
    const run = () =>
      work().catch((error: unknown) => this.parts.log.error({ err: error }, 'the queue of jobs could not be kept'));
    this.timers.push(setInterval(() => void run(), interval_ms).unref());
  }
}

function auditedJob({ id, user_id, module_id, module_version }: JobRow): AuditedJob {
  return { user_id, module_id, module_version, job_id: id };
}

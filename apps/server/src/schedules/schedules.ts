/**
 * Jobs again and again, while no page is open: as the user, under what is granted at that moment. Each firing moves
 * the schedule on and accepts its job in one transaction, so it happens once, however many servers look; and it does
 * nothing while the last job is not through, so that nothing piles up.
 */
import {
  HanabiError,
  holds,
  LIMITS,
  type Job,
  requirePermission,
  type Rights,
  type Schedule,
  type Trigger,
  type UserSchedule,
} from '@hanabi/protocol';
import { type Selectable, sql } from 'kysely';
import type { Logger } from 'pino';
import { newId } from '../ids.ts';
import type { JobOrder, Jobs } from '../jobs/jobs.ts';
import type { Live } from '../live/live.ts';
import type { InstalledModule, ModuleRegistry } from '../modules/registry.ts';
import { databaseTime_ms } from '../storage/clock.ts';
import { type Db, now } from '../storage/db.ts';
import type { FileTree } from '../storage/file-tree.ts';
import type { Change, FileRow } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';
import { alone, inTransaction } from '../storage/transaction.ts';
import { holdSchedules, releaseSchedules, SUSPENDED } from './held-schedules.ts';
import { checkTrigger, nextRun } from './triggers.ts';

type ScheduleRow = Selectable<Tables['schedules']>;

export interface ScheduleWish {
  userId: string;
  module: InstalledModule;
  rights: Rights;
  name: string;
  trigger: Trigger;
  options: Record<string, unknown>;
  inputs: readonly FileRow[];
}

interface Parts {
  db: Db;
  tree: FileTree;
  registry: ModuleRegistry;
  jobs: Jobs;
  live: Live;
  log: Logger;
}

/** Fired at one look; the next one follows at once. */
const BATCH = 100;

export class Schedules {
  private readonly parts: Parts;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  start(): void {
    this.wake();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  async list(userId: string, moduleId: string): Promise<Schedule[]> {
    const rows = await this.parts.db
      .selectFrom('schedules')
      .selectAll()
      .where('user_id', '=', userId)
      .where('module_id', '=', moduleId)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map(toSchedule);
  }

  /** HANABI-Q012 beyond the quota, HANABI-Q013 for what would fire too often. */
  async create({ userId, module, rights, name, trigger, options, inputs }: ScheduleWish): Promise<Schedule> {
    const time_ms = await this.time();
    checkTrigger(trigger, time_ms);
    // What only this launch may read, nobody will be able to read when the schedule fires.
    for (const file of inputs) await this.requireReach(file, module, rights);
    const row: ScheduleRow = {
      id: newId(),
      user_id: userId,
      module_id: module.id,
      name,
      trigger: JSON.stringify(trigger),
      options: JSON.stringify(options),
      input_ids: JSON.stringify(inputs.map(({ id }) => id)),
      interval_ms: 'seconds' in trigger ? trigger.seconds * 1000 : null,
      enabled: 1,
      next_run_ms: nextRun(trigger, time_ms),
      last_run_at: null,
      last_job_id: null,
      error_code: null,
      error_message: null,
      created_at: now(),
    };
    await inTransaction(this.parts.db, async (db) => {
      await alone(db, 'schedules', `${userId} ${module.id}`);
      const { count } = await db
        .selectFrom('schedules')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('user_id', '=', userId)
        .where('module_id', '=', module.id)
        .executeTakeFirstOrThrow();
      const max = LIMITS.schedules_per_module_max;
      if (count >= max) throw new HanabiError('HANABI-Q012', `at most ${max}`);
      await db.insertInto('schedules').values(row).execute();
    });
    this.parts.live.schedulesChanged(userId);
    this.wake();
    return toSchedule(row);
  }

  /** HANABI-W021 when this module has no such schedule for this user. */
  async toggle(userId: string, moduleId: string, id: string, enabled: boolean): Promise<Schedule> {
    const row = await this.rowOf(userId, id);
    if (row.module_id !== moduleId) throw new HanabiError('HANABI-W021', id);
    if (enabled === (row.enabled === 1)) return toSchedule(row);
    const change = enabled
      ? { enabled: 1, next_run_ms: nextRun(triggerOf(row), await this.time()), error_code: null, error_message: null }
      : { enabled: 0, next_run_ms: null };
    await this.parts.db.updateTable('schedules').set(change).where('id', '=', id).execute();
    this.parts.live.schedulesChanged(userId);
    this.wake();
    return toSchedule({ ...row, ...change });
  }

  async delete(userId: string, moduleId: string, id: string): Promise<void> {
    const gone = await this.parts.db
      .deleteFrom('schedules')
      .where('user_id', '=', userId)
      .where('module_id', '=', moduleId)
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst();
    if (!gone) throw new HanabiError('HANABI-W021', id);
    this.parts.live.schedulesChanged(userId);
  }

  /** Those of all modules, for their user, the oldest first. */
  async listAll(userId: string): Promise<UserSchedule[]> {
    const rows = await this.parts.db
      .selectFrom('schedules')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      ...toSchedule(row),
      module_id: row.module_id,
      module_name: this.parts.registry.find(row.module_id, userId)?.manifest.name ?? null,
    }));
  }

  /** Whose it is. HANABI-W021 when the user has no such schedule. */
  async moduleOf(userId: string, id: string): Promise<string> {
    return (await this.rowOf(userId, id)).module_id;
  }

  /** Fires once, now, and leaves the next run where it is. HANABI-W023 while the last one is not through. */
  async runNow(userId: string, id: string): Promise<Job> {
    const { db, jobs, live } = this.parts;
    const row = await this.rowOf(userId, id);
    const order = await this.orderOf(row);
    const job = await db.transaction().execute(async (change) => {
      if (await isOpen(change, id)) throw new HanabiError('HANABI-W023');
      const accepted = await jobs.enqueue(order, change);
      const run = { last_run_at: now(), last_job_id: accepted.id };
      await change.updateTable('schedules').set(run).where('id', '=', id).execute();
      return accepted;
    });
    jobs.announce(userId, row.module_id, job);
    live.schedulesChanged(userId);
    return job;
  }

  private async rowOf(userId: string, id: string): Promise<ScheduleRow> {
    const row = await this.parts.db
      .selectFrom('schedules')
      .selectAll()
      .where('user_id', '=', userId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw new HanabiError('HANABI-W021', id);
    return row;
  }

  private wake(): void {
    this.again = true;
    if (this.closed || this.looking) return;
    clearTimeout(this.timer);
    this.looking = this.look()
      .catch((error: unknown) => {
        this.parts.log.error({ err: error }, 'the schedules could not be looked at');
        return LIMITS.job_safety_interval_ms;
      })
      .then((wait_ms) => {
        this.looking = undefined;
        if (!this.closed) this.timer = setTimeout(() => this.wake(), wait_ms).unref();
      });
  }

  /** Fires what is due. Returns how long there is nothing to do, as far as this server knows. */
  private async look(): Promise<number> {
    for (;;) {
      this.again = false;
      const time_ms = await this.time();
      await this.followClock();
      const due = await this.parts.db
        .selectFrom('schedules')
        .selectAll()
        .where('enabled', '=', 1)
        .where('next_run_ms', '<=', time_ms)
        .orderBy('next_run_ms')
        .limit(BATCH)
        .execute();
      for (const row of due) await this.fire(row, time_ms);
      if (this.closed) return 0;
      if (due.length > 0 || this.again) continue;
      const { first } = await this.parts.db
        .selectFrom('schedules')
        .select((eb) => eb.fn.min('next_run_ms').as('first'))
        .where('enabled', '=', 1)
        .executeTakeFirstOrThrow();
      const wait_ms = first === null ? LIMITS.job_safety_interval_ms : first - time_ms;
      return Math.max(1, Math.min(wait_ms, LIMITS.job_safety_interval_ms));
    }
  }

  /** A clock that was set back must not keep an interval waiting for as long as it was wrong. */
  private async followClock(): Promise<void> {
    const { db } = this.parts;
    const step_ms = sql<number>`${databaseTime_ms(db)} + interval_ms`;
    await db
      .updateTable('schedules')
      .set({ next_run_ms: step_ms })
      .where('enabled', '=', 1)
      .where('next_run_ms', '>', step_ms)
      .execute();
  }

  private async fire(row: ScheduleRow, time_ms: number): Promise<void> {
    const { db, jobs, live } = this.parts;
    let order: JobOrder;
    let next: number | null;
    try {
      next = nextRun(triggerOf(row), time_ms, Number(row.next_run_ms));
      order = await this.orderOf(row);
    } catch (error) {
      if (!(error instanceof HanabiError)) throw error;
      await this.endWith(row, error);
      return;
    }
    const fired = await inTransaction(db, async (change) => {
      const moved = await change
        .updateTable('schedules')
        .set({ next_run_ms: next, enabled: next === null ? 0 : 1, last_run_at: now() })
        .where('id', '=', row.id)
        .where('enabled', '=', 1)
        .where('next_run_ms', '=', row.next_run_ms)
        .returning('id')
        .executeTakeFirst();
      if (!moved || (await isOpen(change, row.id))) return undefined;
      const job = await jobs.enqueue(order, change);
      await change.updateTable('schedules').set({ last_job_id: job.id }).where('id', '=', row.id).execute();
      return job;
    });
    if (fired) jobs.announce(row.user_id, row.module_id, fired);
    live.schedulesChanged(row.user_id);
  }

  /** What the user and the module may do now is what counts. */
  private async orderOf(row: ScheduleRow): Promise<JobOrder> {
    const { registry, tree } = this.parts;
    const module = registry.getInUse(row.module_id, row.user_id);
    if (!module.manifest.entrypoints.worker) throw new HanabiError('HANABI-W001', module.manifest.name);
    const rights = await registry.rights(module, row.user_id);
    requirePermission('jobs.schedule', rights);
    requirePermission('worker.execute', rights);
    const inputs: FileRow[] = [];
    for (const id of JSON.parse(row.input_ids) as string[]) {
      const file = await tree.file(row.user_id, id);
      if (!file) throw new HanabiError('HANABI-F001', id);
      await this.requireReach(file, module, rights);
      inputs.push(file);
    }
    const options = JSON.parse(row.options) as JobOrder['options'];
    return { kind: 'schedule', userId: row.user_id, module, options, inputs, scheduleId: row.id };
  }

  private async requireReach(file: FileRow, module: InstalledModule, rights: Rights): Promise<void> {
    const { module_id } = await this.parts.tree.place(file.folder_id);
    if (module_id === module.id) requirePermission('files.read', rights);
    else if (module_id !== null || !holds('files.read.all', rights)) throw new HanabiError('HANABI-F002', file.id);
  }

  /** All those of a module that the user has removed; they stand there, off, should it come back. */
  async endOfModule(user_id: string, module_id: string): Promise<void> {
    await holdSchedules(this.parts.db, { user_id, module_id }, new HanabiError('HANABI-M008', module_id));
    // Those that were off before have lost the name of their module.
    this.parts.live.schedulesChanged(user_id);
  }

  /** Everybody’s of a module that was suspended, until it goes on. */
  async suspendOfModule(module_id: string): Promise<void> {
    this.tell(await holdSchedules(this.parts.db, { module_id }, new HanabiError(SUSPENDED, module_id)));
  }

  async resumeOfModule(module_id: string): Promise<void> {
    this.tell(await releaseSchedules(this.parts.db, { module_id }, SUSPENDED, await this.time()));
    this.wake();
  }

  private tell(userIds: readonly string[]): void {
    for (const userId of new Set(userIds)) this.parts.live.schedulesChanged(userId);
  }

  private async endWith(row: ScheduleRow, { code, message }: HanabiError): Promise<void> {
    await this.parts.db
      .updateTable('schedules')
      .set({ enabled: 0, next_run_ms: null, error_code: code, error_message: message })
      .where('id', '=', row.id)
      .where('next_run_ms', '=', row.next_run_ms)
      .execute();
    this.parts.live.schedulesChanged(row.user_id);
  }

  private async time(): Promise<number> {
    const { db } = this.parts;
    const { rows } = await sql<{ time: number }>`select ${databaseTime_ms(db)} as time`.execute(db);
    return rows[0]!.time;
  }
}

/** Whether a job that the schedule started is not through. */
async function isOpen(db: Change, scheduleId: string): Promise<boolean> {
  const open = await db
    .selectFrom('jobs')
    .select('id')
    .where('schedule_id', '=', scheduleId)
    .where('state', 'in', ['queued', 'running'])
    .executeTakeFirst();
  return open !== undefined;
}

function triggerOf(row: ScheduleRow): Trigger {
  return JSON.parse(row.trigger) as Trigger;
}

function toSchedule(row: ScheduleRow): Schedule {
  const trigger = triggerOf(row);
  return {
    id: row.id,
    name: row.name,
    trigger_type: 'seconds' in trigger ? 'interval' : 'cron',
    trigger,
    options: JSON.parse(row.options) as Schedule['options'],
    enabled: row.enabled === 1,
    next_run_at: row.next_run_ms === null ? null : new Date(row.next_run_ms).toISOString(),
    last_run_at: row.last_run_at,
    last_job_id: row.last_job_id,
    error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    created_at: row.created_at,
  };
}

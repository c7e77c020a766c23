/**
 * The one state machine of jobs, in SQL: queued → running → completed | failed | cancelled. Whoever works on a job
 * holds a lease on it, for a while by the database's clock; each lease has a number of its own, the fence, and every
 * later change asks whether that is still the job's. So a holder that was thought dead changes nothing when it wakes.
 */
import { HanabiError, LIMITS } from '@hanabi/protocol';
import { type ExpressionBuilder, sql } from 'kysely';
import { newId } from '../ids.ts';
import { databaseTime_ms, isSqlite, leaseEnd } from '../storage/clock.ts';
import { type Db, now } from '../storage/db.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { dropBlob } from '../storage/insert.ts';
import type { Change, FileRow } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';
import { alone } from '../storage/transaction.ts';
import type { JobKind, JobRow } from './job-rows.ts';

export interface NewJob {
  kind: JobKind;
  userId: string;
  module: { id: string; version: string };
  options: string;
  inputs: readonly Pick<FileRow, 'name' | 'sha256'>[];
  priority: number;
  attempts_max: number;
  scheduleId: string | null;
  /** Of the module's jobs of this kind that have not ended; null: as many as are asked for. */
  in_flight_max: number | null;
}

export type Owned = Pick<JobRow, 'id' | 'fence'>;

type JobCondition = (eb: ExpressionBuilder<Tables, 'jobs'>) => ReturnType<typeof eb.and>;

const OPEN = ['queued', 'running'] as const;
/** Of the other servers that may be taking some at the same moment. */
const CANDIDATES_MORE = 64;
const NO_LEASE = { lease_owner: null, lease_expires_ms: null } as const;

export class JobStore {
  private readonly db: Db;
  private readonly owner: string;
  private readonly lease_ms: number;
  private readonly commits: GroupCommit;

  constructor(db: Db, owner: string, lease_ms: number = LIMITS.job_lease_ms) {
    this.db = db;
    this.owner = owner;
    this.lease_ms = lease_ms;
    this.commits = new GroupCommit(db);
  }

  /** Committed when it settles. With `leased` it is this server's own from the start. HANABI-Q004 beyond the quota. */
  accept(order: NewJob, leased: boolean, change?: Change): Promise<JobRow> {
    return change ? this.insert(order, leased, change) : this.inTransaction((db) => this.insert(order, leased, db));
  }

  private async insert(order: NewJob, leased: boolean, db: Change): Promise<JobRow> {
    const { userId, module, kind, in_flight_max } = order;
    if (in_flight_max !== null) {
      await alone(db, 'jobs', `${userId} ${module.id}`);
      const { open } = await db
        .selectFrom('jobs')
        .select((eb) => eb.fn.countAll<number>().as('open'))
        .where('state', 'in', OPEN)
        .where('user_id', '=', userId)
        .where('module_id', '=', module.id)
        .where('kind', '=', kind)
        .executeTakeFirstOrThrow();
      if (open >= in_flight_max) throw new HanabiError('HANABI-Q004', `at most ${in_flight_max} at a time`);
    }
    const row = await db
      .insertInto('jobs')
      .values({
        id: newId(),
        kind,
        user_id: userId,
        module_id: module.id,
        module_version: module.version,
        state: 'queued',
        progress_pct: 0,
        options: order.options,
        priority: order.priority,
        attempts: 0,
        attempts_max: order.attempts_max,
        inputs: JSON.stringify(order.inputs.map(({ name, sha256 }) => ({ name, sha256 }))),
        schedule_id: order.scheduleId,
        fence: 0,
        lease_owner: leased ? this.owner : null,
        lease_expires_ms: leased ? leaseEnd(db, this.lease_ms) : null,
        error_code: null,
        error_message: null,
        log: '',
        created_at: now(),
        started_at: null,
        finished_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const inputs = order.inputs.map(({ name, sha256 }, position) => ({ job_id: row.id, position, name, sha256 }));
    if (inputs.length > 0) await db.insertInto('job_inputs').values(inputs).execute();
    return row;
  }

  inputsOf(jobId: string): Promise<{ name: string; sha256: string }[]> {
    return this.db
      .selectFrom('job_inputs')
      .select(['name', 'sha256'])
      .where('job_id', '=', jobId)
      .orderBy('position')
      .execute();
  }

  /** Takes up to so many queued jobs: the highest priority first, then users in turns, then the order of asking. */
  async claim(count: number): Promise<JobRow[]> {
    const set = sql`
      lease_owner = ${this.owner}, lease_expires_ms = ${leaseEnd(this.db, this.lease_ms)}, fence = fence + 1
    `;
    // PostgreSQL may ask a subquery again for each row; what locks has to be asked once.
    const claim = isSqlite(this.db)
      ? sql<JobRow>`update jobs set ${set} where seq in (${nextOnSqlite(count)}) returning *`
      : sql<JobRow>`
        with chosen as materialized (${nextOnPostgres(count)})
        update jobs set ${set} from chosen where jobs.seq = chosen.seq returning jobs.*
      `;
    const { rows } = await claim.execute(this.db);
    return rows.toSorted((one, other) => other.priority - one.priority || one.seq - other.seq);
  }

  /** Keeps the leases of these jobs, and tells which of them are still this server's. */
  async renew(jobs: readonly Owned[]): Promise<Owned[]> {
    const ids = jobs.map(({ id }) => id);
    return this.db
      .updateTable('jobs')
      .set({ lease_expires_ms: leaseEnd(this.db, this.lease_ms) })
      .where('id', 'in', ids)
      .where('state', 'in', OPEN)
      .where('lease_owner', '=', this.owner)
      .returning(['id', 'fence'])
      .execute();
  }

  async saveProgress(job: Owned, progress_pct: number): Promise<void> {
    await this.db.updateTable('jobs').set({ progress_pct }).where(this.isOurs(job)).execute();
  }

  /** From queued to running; undefined when it was cancelled, or is no longer ours. */
  begin(job: Owned, module_version: string): Promise<JobRow | undefined> {
    const begin = (db: Db | Change) =>
      db
        .updateTable('jobs')
        .set((eb) => ({ state: 'running', started_at: now(), module_version, attempts: eb('attempts', '+', 1) }))
        .where(this.isOurs(job))
        .where('state', '=', 'queued')
        .returningAll()
        .executeTakeFirst();
    // One statement is a transaction by itself; with SQLite it waits for the disk together with others.
    return isSqlite(this.db) ? this.inTransaction(begin) : begin(this.db);
  }

  /** The end of it, and with `also` what has to become visible at the same instant. Undefined when it is not ours. */
  complete(
    job: Owned,
    log: string,
    also: (db: Change) => Promise<FileRow[]>,
  ): Promise<{ row: JobRow; files: FileRow[] } | undefined> {
    return this.inTransaction(async (db) => {
      const end = { state: 'completed', progress_pct: 100, log } as const;
      const row = await this.end(db, job, end);
      return row && { row, files: await also(db) };
    });
  }

  fail(job: Owned, error: HanabiError, progress_pct: number): Promise<JobRow | undefined> {
    const state = error.code === 'HANABI-W016' ? 'cancelled' : 'failed';
    return this.inTransaction((db) =>
      this.end(db, job, {
        state,
        progress_pct,
        error_code: error.code,
        error_message: error.message,
        log: error.log ?? '',
      }),
    );
  }

  /** Only one that is still queued. */
  cancel(userId: string, moduleId: string, jobId: string): Promise<JobRow | undefined> {
    return this.cancelWhere(userId, jobId, (eb) =>
      eb.and([eb('module_id', '=', moduleId), eb('state', '=', 'queued')]),
    );
  }

  /** One that has not ended, also where somebody works on it: whoever does can no longer finish it. */
  cancelOpen(userId: string, jobId: string): Promise<JobRow | undefined> {
    return this.cancelWhere(userId, jobId, (eb) => eb.and([eb('state', 'in', OPEN)]));
  }

  private cancelWhere(userId: string, jobId: string, which: JobCondition): Promise<JobRow | undefined> {
    const { code, message } = new HanabiError('HANABI-W016');
    return this.inTransaction(async (db) => {
      const row = await db
        .updateTable('jobs')
        .set({ state: 'cancelled', error_code: code, error_message: message, finished_at: now(), ...NO_LEASE })
        .where('user_id', '=', userId)
        .where('id', '=', jobId)
        .where(which)
        .returningAll()
        .executeTakeFirst();
      if (row) await releaseInputs(db, [row.id]);
      return row;
    });
  }

  /** Puts back what this server has and did not finish. */
  giveBack(job: Owned, reason: string): Promise<JobRow[]> {
    return this.inTransaction((db) => this.interrupt(db, reason, () => this.isOurs(job)));
  }

  /**
   * Looks after the jobs that nobody works on any more: leases that have run out and, at the start of a server, its own
   * from before, or all of them where there can be no other server. Returns them as they are then.
   */
  recover(which: 'lost' | 'mine' | 'all'): Promise<JobRow[]> {
    return this.inTransaction((db) =>
      this.interrupt(db, 'the server was restarted', () => (eb: ExpressionBuilder<Tables, 'jobs'>) => {
        const orphaned = [eb('lease_expires_ms', '<', databaseTime_ms(db))];
        if (which === 'mine') orphaned.push(eb('lease_owner', '=', this.owner));
        if (which === 'all') orphaned.push(eb('lease_owner', 'is not', null));
        // Running without a lease: from before there were any.
        return eb.or([...orphaned, eb.and([eb('state', '=', 'running'), eb('lease_owner', 'is', null)])]);
      }),
    );
  }

  /** What had not begun waits again; what ran is tried again where its author wants that, and else has failed. */
  private async interrupt(db: Change, reason: string, which: () => JobCondition): Promise<JobRow[]> {
    const requeue = { state: 'queued', progress_pct: 0, started_at: null, ...NO_LEASE } as const;
    const waiting = await db
      .updateTable('jobs')
      .set((eb) => ({ ...requeue, fence: eb('fence', '+', 1) }))
      .where(which())
      .where((eb) =>
        eb.or([
          eb('state', '=', 'queued'),
          eb.and([eb('state', '=', 'running'), eb('attempts', '<', eb.ref('attempts_max'))]),
        ]),
      )
      .returningAll()
      .execute();
    const lost = new HanabiError('HANABI-W009', reason);
    const failed = await db
      .updateTable('jobs')
      .set({
        state: 'failed',
        error_code: lost.code,
        error_message: lost.message,
        finished_at: now(),
        ...NO_LEASE,
      })
      .where(which())
      .where('state', '=', 'running')
      .returningAll()
      .execute();
    await releaseInputs(
      db,
      failed.map(({ id }) => id),
    );
    return [...waiting, ...failed];
  }

  /** Forgets what ended long ago. */
  async forgetOld(): Promise<void> {
    await this.db
      .deleteFrom('jobs')
      .where('state', 'not in', OPEN)
      .where('finished_at', '<', new Date(Date.now() - LIMITS.job_kept_ms).toISOString())
      .execute();
  }

  private async end(
    db: Change,
    job: Owned,
    change: Partial<Pick<JobRow, 'state' | 'progress_pct' | 'error_code' | 'error_message' | 'log'>>,
  ): Promise<JobRow | undefined> {
    const row = await db
      .updateTable('jobs')
      .set({ ...change, finished_at: now(), ...NO_LEASE })
      .where(this.isOurs(job))
      .returningAll()
      .executeTakeFirst();
    if (!row) return undefined;
    await releaseInputs(db, [job.id]);
    await forgetBeyond(db, row);
    return row;
  }

  private isOurs({ id, fence }: Owned) {
    return (eb: ExpressionBuilder<Tables, 'jobs'>) =>
      eb.and([eb('id', '=', id), eb('fence', '=', fence), eb('lease_owner', '=', this.owner), eb('state', 'in', OPEN)]);
  }

  private inTransaction<T>(work: (db: Change) => Promise<T>): Promise<T> {
    return this.commits.run(work);
  }
}

const FREE = sql`state = 'queued' and lease_owner is null`;

function nextOnSqlite(count: number) {
  return sql`
    select seq from (
      select seq, state, lease_owner, priority, row_number() over (
        partition by user_id order by case when ${FREE} then 1 else 0 end, priority desc, seq
      ) as turn
      from jobs where state in ('queued', 'running')
    ) as line where ${FREE} order by priority desc, turn, seq limit ${count}
  `;
}

/**
 * The same, from the first few of each user, however many wait: several servers ask all the time. Each takes the next
 * ones that no other is just taking, so there have to be more candidates than it wants.
 */
function nextOnPostgres(count: number) {
  return sql`
    with recursive waiting (user_id) as (
      (select user_id from jobs where ${FREE} order by user_id limit 1)
      union all
      select (select user_id from jobs where ${FREE} and user_id > waiting.user_id order by user_id limit 1)
      from waiting where user_id is not null
    ), busy as (
      select user_id, count(*) as jobs from jobs where lease_owner is not null group by user_id
    ), line as materialized (
      select first.seq
      from waiting left join busy on busy.user_id = waiting.user_id
      cross join lateral (
        select seq, priority, row_number() over (order by priority desc, seq) as turn
        from jobs where ${FREE} and user_id = waiting.user_id order by priority desc, seq limit ${count + CANDIDATES_MORE}
      ) as first
      order by first.priority desc, coalesce(busy.jobs, 0) + first.turn, first.seq limit ${count + CANDIDATES_MORE}
    )
    select locked.seq from line cross join lateral (
      select seq from jobs where jobs.seq = line.seq
        -- Written so that the one row is found by its key and not in the index of all that are free.
        and state = 'queued' and coalesce(lease_owner, '') = ''
      for update skip locked
    ) as locked limit ${count}
  `;
}

/** A job that has ended needs the contents of its inputs no more. */
async function releaseInputs(db: Change, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return;
  const inputs = await db.deleteFrom('job_inputs').where('job_id', 'in', jobIds).returning('sha256').execute();
  for (const sha256 of new Set(inputs.map((input) => input.sha256))) await dropBlob(db, sha256);
}

async function forgetBeyond(db: Change, { user_id, module_id }: JobRow): Promise<void> {
  const ended = db
    .selectFrom('jobs')
    .select('seq')
    .where('user_id', '=', user_id)
    .where('module_id', '=', module_id)
    .where('state', 'not in', OPEN);
  await db
    .deleteFrom('jobs')
    .where('user_id', '=', user_id)
    .where('module_id', '=', module_id)
    .where('state', 'not in', OPEN)
    .where('seq', '<=', ended.orderBy('seq', 'desc').limit(1).offset(LIMITS.jobs_kept_per_module_max))
    .execute();
}

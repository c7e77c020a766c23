/** The rows of services: what users want of them, in whose care they are, and how they fare. */
import type { Selectable } from 'kysely';
import { databaseTime_ms, leaseEnd } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import { alone, inTransaction } from '../storage/transaction.ts';

export type ServiceRow = Selectable<Tables['services']>;

export interface ServiceOwner {
  user_id: string;
  module_id: string;
}

export class ServiceRows {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Nobody else starts one meanwhile: whether there is room is counted over all of them. */
  alone<Result>(work: (rows: ServiceRows) => Promise<Result>): Promise<Result> {
    return inTransaction(this.db, async (db) => {
      await alone(db, 'services', '');
      return work(new ServiceRows(db));
    });
  }

  of({ user_id, module_id }: ServiceOwner): Promise<ServiceRow | undefined> {
    return this.db
      .selectFrom('services')
      .selectAll()
      .where('user_id', '=', user_id)
      .where('module_id', '=', module_id)
      .executeTakeFirst();
  }

  ofUser(user_id: string): Promise<ServiceRow[]> {
    return this.db.selectFrom('services').selectAll().where('user_id', '=', user_id).orderBy('module_id').execute();
  }

  /** Of one user, or of one module, those that are to run. */
  async countRunning(of: { user_id: string } | { module_id: string }): Promise<number> {
    const [[column, value]] = Object.entries(of) as [['user_id' | 'module_id', string]];
    const { count } = await this.db
      .selectFrom('services')
      .select((eb) => eb.fn.countAll<number | string>().as('count'))
      .where(column, '=', value)
      .where('state', '=', 'running')
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /**
   * What the user wants from now on, which forgets what went wrong before. In whose care it is stays: that server sees
   * that it is not wanted any more, or that it has not `started` since.
   */
  async want(owner: ServiceOwner, state: ServiceRow['state']): Promise<void> {
    const anew = {
      state,
      started_ms: null,
      restart_ms: null,
      next_tick_ms: null,
      begun_tick_ms: null,
      failures: 0,
      error_code: null,
      error_message: null,
      error_at_ms: null,
    };
    await this.db
      .insertInto('services')
      .values({ ...owner, ...EMPTY, ...anew })
      .onConflict((conflict) => conflict.columns(['user_id', 'module_id']).doUpdateSet(anew))
      .execute();
  }

  /** Takes those that are to run and in nobody else's care. What the server had before it was started is still its own. */
  async claim(server: string): Promise<ServiceRow[]> {
    const time = databaseTime_ms(this.db);
    return this.db
      .updateTable('services')
      .set({ lease_owner: server, lease_expires_ms: leaseEnd(this.db) })
      .where('state', '=', 'running')
      .where((eb) =>
        eb.or([eb('lease_owner', 'is', null), eb('lease_owner', '=', server), eb('lease_expires_ms', '<', time)]),
      )
      .returningAll()
      .execute();
  }

  /** Those that are to run and still in the care of this server, which they stay. */
  async renew(server: string): Promise<Pick<ServiceRow, 'user_id' | 'module_id' | 'started_ms'>[]> {
    return this.db
      .updateTable('services')
      .set({ lease_expires_ms: leaseEnd(this.db) })
      .where('lease_owner', '=', server)
      .where('state', '=', 'running')
      .returning(['user_id', 'module_id', 'started_ms'])
      .execute();
  }

  /** Nothing of it lives on this server any more. */
  async release(owner: ServiceOwner, server: string): Promise<void> {
    await this.db
      .updateTable('services')
      .set({ lease_owner: null, lease_expires_ms: null })
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('lease_owner', '=', server)
      .execute();
  }

  /** False where it is in another's care by now, or not wanted any more: what this server knows of it is worth nothing. */
  async note(owner: ServiceOwner, server: string, change: Partial<ServiceRow>, ticks: 0 | 1 = 0): Promise<boolean> {
    const changed = await this.db
      .updateTable('services')
      .set((eb) => ({ ...change, ticks: eb('ticks', '+', ticks) }))
      .where('user_id', '=', owner.user_id)
      .where('module_id', '=', owner.module_id)
      .where('lease_owner', '=', server)
      .where('state', '=', 'running')
      .returning('module_id')
      .executeTakeFirst();
    return changed !== undefined;
  }
}

const EMPTY = {
  lease_owner: null,
  lease_expires_ms: null,
  ticks: 0,
  last_tick_ms: null,
  last_took_ms: null,
  cpu_ms: null,
  memory_bytes_peak: null,
} as const;

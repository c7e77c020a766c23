/** The rows of connections and of who may use them. What is secret comes and goes sealed. */
import { type ConnectorKind, HanabiError, LIMITS } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import type { ServiceOwner } from '../services/service-rows.ts';
import { type Db, now } from '../storage/db.ts';
import type { Tables } from '../storage/schema.ts';
import { alone, inTransaction } from '../storage/transaction.ts';

export type ConnectionRow = Selectable<Tables['connections']>;
export type LinkRow = Selectable<Tables['connection_links']>;
export type SealedFields = Pick<ConnectionRow, 'key_id' | 'sealed' | 'shown'>;

/** That a connection is used is noted no more often than this. */
const USED_EVERY_MS = 60_000;

export class ConnectionStore {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  rowsOf(userId: string): Promise<ConnectionRow[]> {
    return this.db.selectFrom('connections').selectAll().where('user_id', '=', userId).orderBy('created_at').execute();
  }

  linksOf(userId: string): Promise<LinkRow[]> {
    return this.db.selectFrom('connection_links').selectAll().where('user_id', '=', userId).execute();
  }

  /** HANABI-N011 where it is not theirs. */
  async row(userId: string, id: string): Promise<ConnectionRow> {
    const row = await this.db
      .selectFrom('connections')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!row) throw new HanabiError('HANABI-N011');
    return row;
  }

  /** The one that a module may use at this moment. */
  lentTo({ user_id, module_id }: ServiceOwner, kind: ConnectorKind): Promise<ConnectionRow | undefined> {
    return this.db
      .selectFrom('connections')
      .innerJoin('connection_links', 'connection_links.connection_id', 'connections.id')
      .selectAll('connections')
      .where('connections.user_id', '=', user_id)
      .where('connections.kind', '=', kind)
      .where('connection_links.user_id', '=', user_id)
      .where('connection_links.module_id', '=', module_id)
      .executeTakeFirst();
  }

  /** HANABI-Q002 beyond what one user may have. */
  async add(row: Omit<ConnectionRow, 'created_at' | 'used_at' | keyof typeof NO_TRADING>): Promise<void> {
    await inTransaction(this.db, async (db) => {
      await alone(db, 'connections', row.user_id);
      const { count } = await db
        .selectFrom('connections')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('user_id', '=', row.user_id)
        .executeTakeFirstOrThrow();
      const most = LIMITS.connections_per_user_max;
      if (count >= most) throw new HanabiError('HANABI-Q002', `at most ${most} connections`);
      await db
        .insertInto('connections')
        .values({ ...row, ...NO_TRADING, created_at: now(), used_at: null })
        .execute();
    });
  }

  async change(id: string, change: Partial<Omit<ConnectionRow, 'id' | 'user_id' | 'kind'>>): Promise<void> {
    await this.db.updateTable('connections').set(change).where('id', '=', id).execute();
  }

  async remove(id: string): Promise<void> {
    await this.db.deleteFrom('connections').where('id', '=', id).execute();
  }

  /** In place of the one of its kind that the module may have had. */
  async link({ id, user_id, kind }: ConnectionRow, module_id: string): Promise<void> {
    await this.db
      .insertInto('connection_links')
      .values({ user_id, module_id, kind, connection_id: id })
      .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'kind']).doUpdateSet({ connection_id: id }))
      .execute();
  }

  async unlink({ id }: ConnectionRow, moduleId: string): Promise<void> {
    await this.db
      .deleteFrom('connection_links')
      .where('connection_id', '=', id)
      .where('module_id', '=', moduleId)
      .execute();
  }

  async used({ id, used_at }: ConnectionRow): Promise<void> {
    const isNews = used_at === null || Date.now() - Date.parse(used_at) > USED_EVERY_MS;
    if (isNews) await this.change(id, { used_at: now() });
  }
}

/** As long as the user says nothing. */
export const NO_TRADING = { currency: null, order_max_micro: null, day_max_micro: null } as const;

/**
 * What orders may cost. An order is counted before it is sent, in one transaction with the look at the limits, so that
 * neither two at a time nor a server that dies can spend more than the user allows.
 */
import { HanabiError } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import type { Reader } from '../storage/rows.ts';
import { alone, inTransaction } from '../storage/transaction.ts';
import type { ConnectionRow } from './connection-store.ts';
import { type Decimal, microText, toMicro } from './money.ts';

export interface Order {
  module_id: string;
  symbol: string;
  /** In the currency that the limits are in. */
  cost: Decimal;
}

export class Spending {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Since midnight in UTC, in millionths. */
  today_micro(connectionId: string): Promise<number> {
    return spent_micro(this.db, connectionId, today());
  }

  /** Counts it: from now on it is spent, unless the number that this returns is taken back. HANABI-N013, and N011 where it is no longer lent. */
  async count({ id }: ConnectionRow, { module_id, symbol, cost }: Order): Promise<number> {
    const amount_micro = toMicro(cost);
    if (amount_micro === undefined) throw new HanabiError('HANABI-N013', 'what it costs cannot be known');
    return inTransaction(this.db, async (db) => {
      await alone(db, 'spending', id);
      // Not before, for who waited over midnight would count into a day whose orders are gone.
      const day = today();
      await requireLent(db, id, module_id);
      // As the switch and the limits are at this moment.
      const row = await db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst();
      const { currency, order_max_micro, day_max_micro } = row ?? {};
      if (!currency || !order_max_micro || !day_max_micro) {
        throw new HanabiError('HANABI-N013', 'this connection may not trade');
      }
      if (!symbol.endsWith(currency)) {
        throw new HanabiError('HANABI-N013', `the limits are in ${currency}, and ${symbol} is not paid in it`);
      }
      if (amount_micro > order_max_micro) {
        throw new HanabiError('HANABI-N013', exceeds('one order', amount_micro, order_max_micro, currency));
      }
      const spent = await spent_micro(db, id, day);
      if (spent + amount_micro > day_max_micro) {
        throw new HanabiError(
          'HANABI-N013',
          exceeds('the orders of the day', spent + amount_micro, day_max_micro, currency),
        );
      }
      // What was before is on record in the audit.
      await db.deleteFrom('connection_spendings').where('connection_id', '=', id).where('day', '<', day).execute();
      const values = { connection_id: id, day, module_id, symbol, amount_micro };
      const { seq } = await db
        .insertInto('connection_spendings')
        .values(values)
        .returning('seq')
        .executeTakeFirstOrThrow();
      return seq;
    });
  }

  /** The order is known not to have been placed. */
  async takeBack(seq: number): Promise<void> {
    await this.db.deleteFrom('connection_spendings').where('seq', '=', seq).execute();
  }
}

/** It may have been taken back while the program waited for a price. */
async function requireLent(db: Reader, connectionId: string, moduleId: string): Promise<void> {
  const link = await db
    .selectFrom('connection_links')
    .select('module_id')
    .where('connection_id', '=', connectionId)
    .where('module_id', '=', moduleId)
    .executeTakeFirst();
  if (!link) throw new HanabiError('HANABI-N011', 'the connection is no longer lent to this module');
}

async function spent_micro(db: Reader, connectionId: string, day: string): Promise<number> {
  const { spent } = await db
    .selectFrom('connection_spendings')
    .select((eb) => eb.fn.sum<number | string | null>('amount_micro').as('spent'))
    .where('connection_id', '=', connectionId)
    .where('day', '=', day)
    .executeTakeFirstOrThrow();
  // PostgreSQL gives sums as text.
  return Number(spent ?? 0);
}

function exceeds(what: string, micro: number, most_micro: number, currency: string): string {
  return `${what} would cost ${microText(micro)} ${currency}, allowed are ${microText(most_micro)}`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

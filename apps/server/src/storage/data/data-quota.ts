/** How much a module may keep for one user, and how much it does. */
import { type ErrorCode, HanabiError } from '@hanabi/protocol';
import type { Db } from '../db.ts';
import { mib } from '../mib.ts';
import { Prepared } from '../prepared.ts';
import type { Change } from '../rows.ts';
import type { Tables } from '../schema.ts';

export interface DataAmounts {
  collections: number;
  records: number;
  bytes: number;
}

/** Whose documents: nothing of another user or another module is ever reached. */
export interface DataOwner {
  user_id: string;
  module_id: string;
}

type DataUsed = Tables['data_used'];

const CODES: Record<keyof DataAmounts, ErrorCode> = {
  collections: 'HANABI-Q008',
  records: 'HANABI-Q009',
  bytes: 'HANABI-Q010',
};

export class DataUsage {
  private readonly quota: DataAmounts;
  private readonly statements: ReturnType<typeof prepareUsage>;

  constructor(db: Db, quota: DataAmounts) {
    this.quota = quota;
    this.statements = prepareUsage(db);
  }

  /**
   * What an owner has, for a transaction that is going to change it. A write, and the first of its transaction: from
   * here on no other one changes anything of this owner, on any engine.
   */
  async lock(db: Change, { user_id, module_id }: DataOwner): Promise<DataAmounts> {
    const row = await this.statements.lock.first(db, { user_id, module_id });
    return { collections: row!.collections, records: row!.records, bytes: row!.used_bytes };
  }

  /** Adds to what an owner has; where that grows beyond the quota, ends with the code that names it. */
  async add(db: Change, owner: DataOwner, used: DataAmounts, added: DataAmounts): Promise<void> {
    const { quota } = this;
    for (const name of ['collections', 'records', 'bytes'] as const) {
      // Who is above a quota that was lowered may still shrink.
      if (added[name] <= 0 || used[name] + added[name] <= quota[name]) continue;
      const amount = name === 'bytes' ? mib : String;
      throw new HanabiError(CODES[name], `quota "${name}": ${amount(used[name])} of ${amount(quota[name])} are in use`);
    }
    await this.statements.set.run(db, {
      user_id: owner.user_id,
      module_id: owner.module_id,
      collections: used.collections + added.collections,
      records: used.records + added.records,
      used_bytes: used.bytes + added.bytes,
    });
  }
}

function prepareUsage(db: Db) {
  return {
    lock: new Prepared(db, (q, { user_id, module_id }: Pick<DataUsed, 'user_id' | 'module_id'>) =>
      q
        .insertInto('data_used')
        .values({ user_id, module_id, collections: 0, records: 0, used_bytes: 0 })
        .onConflict((conflict) =>
          conflict.columns(['user_id', 'module_id']).doUpdateSet((e) => ({ records: e.ref('data_used.records') })),
        )
        .returning(['collections', 'records', 'used_bytes']),
    ),
    set: new Prepared(db, (q, { user_id, module_id, collections, records, used_bytes }: DataUsed) =>
      q
        .updateTable('data_used')
        .set({ collections, records, used_bytes })
        .where('user_id', '=', user_id)
        .where('module_id', '=', module_id),
    ),
  };
}

/** How much a module may keep for one user, and how much it does. */
import { type ErrorCode, HanabiError } from '@hanabi/protocol';
import { mib } from '../mib.ts';
import type { Change } from '../rows.ts';

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

const CODES: Record<keyof DataAmounts, ErrorCode> = {
  collections: 'HANABI-Q008',
  records: 'HANABI-Q009',
  bytes: 'HANABI-Q010',
};

/**
 * What an owner has, for a transaction that is going to change it. A write, and the first of its transaction: from here
 * on no other one changes anything of this owner, on any engine.
 */
export async function lockUsed(db: Change, owner: DataOwner): Promise<DataAmounts> {
  const row = await db
    .insertInto('data_used')
    .values({ ...owner, collections: 0, records: 0, used_bytes: 0 })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'module_id']).doUpdateSet((e) => ({ records: e.ref('data_used.records') })),
    )
    .returning(['collections', 'records', 'used_bytes'])
    .executeTakeFirstOrThrow();
  return { collections: row.collections, records: row.records, bytes: row.used_bytes };
}

/** Adds to what an owner has; where that grows beyond the quota, ends with the code that names it. */
export async function addUsed(
  db: Change,
  owner: DataOwner,
  used: DataAmounts,
  added: DataAmounts,
  quota: DataAmounts,
): Promise<void> {
  for (const name of ['collections', 'records', 'bytes'] as const) {
    // Who is above a quota that was lowered may still shrink.
    if (added[name] <= 0 || used[name] + added[name] <= quota[name]) continue;
    const amount = name === 'bytes' ? mib : String;
    throw new HanabiError(CODES[name], `quota "${name}": ${amount(used[name])} of ${amount(quota[name])} are in use`);
  }
  await db
    .updateTable('data_used')
    .set({
      collections: used.collections + added.collections,
      records: used.records + added.records,
      used_bytes: used.bytes + added.bytes,
    })
    .where('user_id', '=', owner.user_id)
    .where('module_id', '=', owner.module_id)
    .execute();
}

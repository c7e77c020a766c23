/** A new key for all credentials, beside a server that goes on using them. */
import type { Db } from '../storage/db.ts';
import type { ConnectionKeys } from './connection-keys.ts';
import { resealed, unsealed } from './credentials.ts';

export interface Rotated {
  sealed: number;
  /** Sealed with a key that is not there: their users have to type them in again. */
  lost: number;
}

/** What is broken off is gone on with the next time. */
export async function rotateKeys(db: Db, keys: ConnectionKeys): Promise<Rotated> {
  await keys.renew();
  const [current, ...others] = await keys.all();
  let sealed = 0;
  const lost = new Set<string>();
  for (;;) {
    const rows = await db.selectFrom('connections').selectAll().where('key_id', '!=', current.id).execute();
    const left = rows.filter(({ id }) => !lost.has(id));
    if (left.length === 0) break;
    for (const row of left) {
      const key = others.find(({ id }) => id === row.key_id);
      if (!key) {
        lost.add(row.id);
        continue;
      }
      await db
        .updateTable('connections')
        .set(resealed(current, row, unsealed(key, row)))
        .where('id', '=', row.id)
        // Unless its user has just typed in something else.
        .where('sealed', '=', row.sealed)
        .execute();
      sealed += 1;
    }
  }
  await keys.forgetOld();
  return { sealed, lost: lost.size };
}

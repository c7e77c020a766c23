/**
 * Signals and updates that somebody sends with an id of their own: each is taken once, however often it is sent. Their ids
 * belong to the whole chain of runs that continue, retry or reset one another, as long as its runs are kept.
 */
import type { Selectable } from 'kysely';
import type { Change, Reader } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';
import { requireRoomFor, type RunRow, wakeWith } from './history.ts';

type Chained = Pick<RunRow, 'run_id' | 'first_run_id'>;

/** And remembers it, where it is. */
export async function isNewSignal(db: Change, { run_id, first_run_id }: Chained, signal_id: string): Promise<boolean> {
  const known = await db
    .selectFrom('workflow_signals')
    .innerJoin('workflow_runs', 'workflow_runs.run_id', 'workflow_signals.run_id')
    .select('signal_id')
    .where('first_run_id', '=', first_run_id)
    .where('signal_id', '=', signal_id)
    .executeTakeFirst();
  if (known) return false;
  const inserted = await db
    .insertInto('workflow_signals')
    .values({ run_id, signal_id })
    .onConflict((conflict) => conflict.columns(['run_id', 'signal_id']).doNothing())
    .returning('signal_id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** As the last of its chain that knows it has it. */
export function findUpdate(
  db: Reader,
  { first_run_id }: Chained,
  update_id: string,
): Promise<Selectable<Tables['workflow_updates']> | undefined> {
  return db
    .selectFrom('workflow_updates')
    .innerJoin('workflow_runs', 'workflow_runs.run_id', 'workflow_updates.run_id')
    .selectAll('workflow_updates')
    .where('first_run_id', '=', first_run_id)
    .where('update_id', '=', update_id)
    .orderBy('closed_ms', (order) => order.desc().nullsFirst())
    .limit(1)
    .executeTakeFirst();
}

/** The run first, as arrive() does: then no task ends without seeing it. False where the run has ended. */
export async function insertUpdate(
  db: Change,
  { run_id }: Chained,
  update_id: string,
  request: string,
): Promise<boolean> {
  const size_bytes = Buffer.byteLength(request);
  await requireRoomFor(db, run_id, size_bytes);
  if (!(await wakeWith(db, run_id, size_bytes))) return false;
  await db
    .insertInto('workflow_updates')
    .values({ run_id, update_id, request, state: 'waiting', outcome: null })
    .onConflict((conflict) => conflict.columns(['run_id', 'update_id']).doNothing())
    .execute();
  return true;
}

/** What a run can be found by besides its own columns: its search attributes and its memo, as they are now. */
import { LIMITS } from '@hanabi/protocol';
import { changesIn, type NewEvent } from '@hanabi/sandbox';
import type { Change } from '../storage/rows.ts';

/** Takes over what the events say of it, in the transaction that appends them. */
export async function keepAttributes(db: Change, run_id: string, events: readonly NewEvent[]): Promise<void> {
  for (const { name, isMemo, values } of events.flatMap(changesIn)) {
    await db
      .deleteFrom('workflow_attributes')
      .where('run_id', '=', run_id)
      .where('name', '=', name)
      .where('kind', isMemo ? '=' : '!=', 'Memo')
      .execute();
    if (values.length === 0 || !(await hasRoom(db, run_id, values.length))) continue;
    const rows = values.map(({ kind, text, number }, place) => ({
      run_id,
      name,
      kind,
      place,
      text_value: text,
      number_value: number,
    }));
    await db.insertInto('workflow_attributes').values(rows).execute();
  }
}

async function hasRoom(db: Change, run_id: string, more: number): Promise<boolean> {
  const { count } = await db
    .selectFrom('workflow_attributes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('run_id', '=', run_id)
    .executeTakeFirstOrThrow();
  return count + more <= LIMITS.workflow_attributes_max;
}

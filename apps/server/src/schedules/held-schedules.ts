/** Schedules that something else than their user has switched off, under the code that says what it was. */
import type { ErrorCode, HanabiError, Trigger } from '@hanabi/protocol';
import type { Db } from '../storage/db.ts';
import type { Change } from '../storage/rows.ts';
import { nextRun } from './triggers.ts';

/** They wait for their module to go on; whatever befalls them meanwhile counts more. */
export const SUSPENDED = 'HANABI-M009';

/** Left out: of everybody, of all modules. */
export interface Whose {
  user_id?: string | undefined;
  module_id?: string | undefined;
}

/** Those that are on, at once. Returns whose they are, one entry for each. */
export async function holdSchedules(db: Db | Change, whose: Whose, reason: HanabiError): Promise<string[]> {
  const { code, message } = reason;
  const { user_id, module_id } = whose;
  const held = await db
    .updateTable('schedules')
    .set({ enabled: 0, next_run_ms: null, error_code: code, error_message: message })
    .where((eb) => eb.or([eb('enabled', '=', 1), eb('error_code', '=', SUSPENDED)]))
    .$if(user_id !== undefined, (query) => query.where('user_id', '=', user_id!))
    .$if(module_id !== undefined, (query) => query.where('module_id', '=', module_id!))
    .returning('user_id')
    .execute();
  return held.map((row) => row.user_id);
}

/** Those that were switched off under this code, each from `time_ms`: nothing is made up for. Returns the same. */
export async function releaseSchedules(db: Db, whose: Whose, code: ErrorCode, time_ms: number): Promise<string[]> {
  const { user_id, module_id } = whose;
  const held = await db
    .selectFrom('schedules')
    .select(['id', 'user_id', 'trigger'])
    .where('enabled', '=', 0)
    .where('error_code', '=', code)
    .$if(user_id !== undefined, (query) => query.where('user_id', '=', user_id!))
    .$if(module_id !== undefined, (query) => query.where('module_id', '=', module_id!))
    .execute();
  for (const { id, trigger } of held) {
    const next_run_ms = nextRun(JSON.parse(trigger) as Trigger, time_ms);
    await db
      .updateTable('schedules')
      .set({ enabled: 1, next_run_ms, error_code: null, error_message: null })
      .where('id', '=', id)
      .where('error_code', '=', code)
      .execute();
  }
  return held.map((row) => row.user_id);
}

/** Schedules, services and workflows that a restore has paused go on, each from now. A running server sees them within seconds. */
import { releaseSchedules } from '../schedules/held-schedules.ts';
import type { Db } from '../storage/db.ts';
import { tellServers } from '../storage/signals.ts';
import { PAUSED } from './backup-format.ts';

/** Of one user, or of everybody. Returns how many there were, as the other one does. */
export async function resumeSchedules(db: Db, user_id: string | undefined): Promise<number> {
  return (await releaseSchedules(db, { user_id }, PAUSED, Date.now())).length;
}

export async function resumeServices(db: Db, user_id: string | undefined): Promise<number> {
  let query = db
    .updateTable('services')
    .set({ state: 'running', error_code: null, error_message: null })
    .where('state', '=', 'stopped')
    .where('error_code', '=', PAUSED);
  if (user_id !== undefined) query = query.where('user_id', '=', user_id);
  const resumed = await query.returning('module_id').execute();
  await tellServers(db, 'services');
  return resumed.length;
}

export async function resumeWorkflows(db: Db, user_id: string | undefined): Promise<number> {
  let query = db.updateTable('workflow_runs').set({ paused: 0 }).where('paused', '=', 1);
  if (user_id !== undefined) query = query.where('user_id', '=', user_id);
  const resumed = await query.returning('run_id').execute();
  await tellServers(db, 'workflows');
  return resumed.length;
}

/** Which runs there are, for lists of people, pages, scripts and the command line. */
import { LIMITS } from '@hanabi/protocol';
import { parseListFilter } from '@hanabi/sandbox';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { Db } from '../storage/db.ts';
import type { WorkflowOwner } from './begin-run.ts';
import type { RunRow } from './history.ts';
import { conditionOf } from './list-query.ts';
import { STATES } from './run-view.ts';

export interface ListWish {
  /** A part of the id, of the name, or of a text among search attributes and memo. */
  readonly search?: string | undefined;
  /** A list filter, as Temporal’s clients write them. */
  readonly query?: string | undefined;
  readonly state?: string | undefined;
  readonly limit?: number | undefined;
}

/** The newest first; of whom it does not say, those of everybody. HANABI-V022 for a filter that is not understood. */
export async function listRuns(
  db: Db,
  { user_id, module_id }: Partial<WorkflowOwner>,
  { search, query: filter, state, limit = LIMITS.workflows_listed }: ListWish,
): Promise<RunRow[]> {
  let query = db.selectFrom('workflow_runs').selectAll();
  if (user_id !== undefined) query = query.where('user_id', '=', user_id);
  if (module_id !== undefined) query = query.where('module_id', '=', module_id);
  const status = Object.entries(STATES).find(([, name]) => name === state)?.[0] as RunRow['status'] | undefined;
  if (status) query = query.where('status', '=', status);
  if (search) query = query.where(contains(search));
  if (filter) query = query.where(conditionOf(db, parseListFilter(filter)));
  return query.orderBy('started_ms', 'desc').orderBy('run_id').limit(limit).execute();
}

/** In upper or lower case; SQLite, and PostgreSQL in the locale C, know those of A to Z alone: others are found as written. */
function contains(search: string): RawBuilder<SqlBool> {
  // No text has one, and there is a database that takes none.
  if (search.includes('\0')) return sql`1 = 0`;
  const part = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const has = (column: string) => sql<SqlBool>`(
    lower(${sql.ref(column)}) like ${part.toLowerCase()} escape '\\'
    or lower(${sql.ref(column)}) like ${part.replace(/[A-Z]/g, (letter) => letter.toLowerCase())} escape '\\'
  )`;
  return sql`(
    ${has('workflow_id')} or ${has('workflow_type')} or exists (
      select 1 from workflow_attributes as own where own.run_id = workflow_runs.run_id and ${has('own.text_value')}
    )
  )`;
}

/** A list filter in SQL, for both engines: values are parameters, and names of columns come from the table below. */
import {
  type Comparator,
  type FilterValue,
  isListField,
  LIST_FIELDS,
  type ListField,
  type ListFilter,
  timeIn,
} from '@hanabi/sandbox';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { isSqlite } from '../storage/clock.ts';
import type { Db } from '../storage/db.ts';

const COLUMNS: Readonly<Record<ListField, string>> = {
  WorkflowId: 'workflow_id',
  WorkflowType: 'workflow_type',
  RunId: 'run_id',
  TaskQueue: 'module_id',
  ExecutionStatus: 'status',
  StartTime: 'started_ms',
  CloseTime: 'closed_ms',
  HistoryLength: 'events',
};

type Condition = RawBuilder<SqlBool>;

/** Of rows of `workflow_runs`. Where something is missing it is false and never unknown, as in memory. */
export function conditionOf(db: Db, filter: ListFilter): Condition {
  if ('all' in filter) return joined(db, filter.all, sql` and `);
  if ('any' in filter) return joined(db, filter.any, sql` or `);
  if ('not' in filter) return sql`not ${conditionOf(db, filter.not)}`;
  const { field } = filter;
  if (!isListField(field)) return attribute(db, filter);
  const stored = sql.ref(`workflow_runs.${COLUMNS[field]}`);
  // PostgreSQL compares an integer with integers of its size alone.
  const column = isText(field) ? stored : sql`cast(${stored} as double precision)`;
  if (filter.comparator === undefined) return sql`(${column} is not null)`;
  return sql`(${column} is not null and ${compare(db, column, filter.comparator, filter.value)})`;
}

function isText(field: ListField): boolean {
  return LIST_FIELDS[field] === 'text' || LIST_FIELDS[field] === 'status';
}

function joined(db: Db, filters: readonly ListFilter[], by: RawBuilder<unknown>): Condition {
  return sql`(${sql.join(
    filters.map((part) => conditionOf(db, part)),
    by,
  )})`;
}

function attribute(db: Db, filter: Extract<ListFilter, { field: string }>): Condition {
  const fits = filter.comparator === undefined ? sql`1 = 1` : valueFits(db, filter.comparator, filter.value);
  return sql`exists (
    select 1 from workflow_attributes as own
    where own.run_id = workflow_runs.run_id and own.name = ${filter.field} and own.kind <> 'Memo' and ${fits}
  )`;
}

function valueFits(db: Db, comparator: Comparator, value: FilterValue): Condition {
  const number = sql.ref('own.number_value');
  const kind = sql.ref('own.kind');
  if (typeof value === 'boolean') return sql`(${kind} = 'Bool' and ${number} = ${value ? 1 : 0})`;
  if (typeof value === 'number') {
    return sql`(${kind} in ('Int', 'Double') and ${compare(db, number, comparator, value)})`;
  }
  const text = sql.ref('own.text_value');
  const asText = sql<SqlBool>`(${text} is not null and ${compare(db, text, comparator, value)})`;
  const time_ms = comparator === 'starts' ? undefined : timeIn(value);
  if (time_ms === undefined) return asText;
  return sql`(${asText} or (${kind} = 'Datetime' and ${compare(db, number, comparator, time_ms)}))`;
}

function compare(
  db: Db,
  left: RawBuilder<unknown>,
  comparator: Comparator,
  value: string | number | boolean,
): Condition {
  if (comparator === 'starts') return sql`substr(${left}, 1, length(cast(${value} as text))) = ${value}`;
  // Texts by their bytes, as SQLite has them anyway.
  const byBytes = typeof value === 'string' && !isSqlite(db) ? sql` collate "C"` : sql``;
  return sql`${left}${byBytes} ${sql.raw(comparator)} ${value}`;
}

/** What workflows can be searched by: the one table that the search in a database and the one in memory go by. */
import type { RunStatus } from '../run-end.ts';

export type FieldKind = 'text' | 'number' | 'time' | 'status';

/** What each run has, as Temporal calls it. Any other name is a search attribute of the workflow’s own. */
export const LIST_FIELDS = {
  WorkflowId: 'text',
  WorkflowType: 'text',
  RunId: 'text',
  TaskQueue: 'text',
  ExecutionStatus: 'status',
  StartTime: 'time',
  CloseTime: 'time',
  HistoryLength: 'number',
} as const satisfies Record<string, FieldKind>;

export type ListField = keyof typeof LIST_FIELDS;

/** As Temporal writes them in a filter. */
export const STATUS_NAMES: Readonly<Record<string, RunStatus>> = {
  Running: 'RUNNING',
  Completed: 'COMPLETED',
  Failed: 'FAILED',
  Canceled: 'CANCELED',
  Terminated: 'TERMINATED',
  ContinuedAsNew: 'CONTINUED_AS_NEW',
  TimedOut: 'TIMED_OUT',
};

export function isListField(name: string): name is ListField {
  return Object.hasOwn(LIST_FIELDS, name);
}

/** ms since 1970 of a time with its zone; undefined: it is none. */
export function timeIn(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  const time_ms = Date.parse(text);
  return Number.isNaN(time_ms) ? undefined : time_ms;
}

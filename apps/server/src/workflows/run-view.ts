/** Runs as their users see them. */
import type { WorkflowFailure, WorkflowState, WorkflowSummary } from '@hanabi/protocol';
import { type Failure, type RunEnd, type RunStatus, valueOf } from '@hanabi/sandbox';
import type { RunRow } from './history.ts';

export const STATES: Readonly<Record<RunStatus, WorkflowState>> = {
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELED: 'cancelled',
  TERMINATED: 'terminated',
  CONTINUED_AS_NEW: 'continued',
  TIMED_OUT: 'timed_out',
};

export function summaryOf(row: RunRow): WorkflowSummary {
  return {
    id: row.workflow_id,
    run_id: row.run_id,
    workflow: row.workflow_type,
    state: STATES[row.status],
    started_at: new Date(row.started_ms).toISOString(),
    closed_at: row.closed_ms === null ? null : new Date(row.closed_ms).toISOString(),
    events: row.events,
    paused: row.paused === 1,
    cron: row.cron,
    task_failures: row.failures,
  };
}

export function resultOf(row: RunRow) {
  return endView(row, row.outcome === null ? undefined : (JSON.parse(row.outcome) as RunEnd));
}

export function endView({ run_id, status }: { run_id: string; status: RunStatus }, end: RunEnd | undefined) {
  return {
    run_id,
    state: STATES[status],
    value: jsonOf(valueOf(end?.result)),
    failure: failureView(end?.reason ? { ...end.failure, message: end.reason } : end?.failure),
  };
}

export function failureView(failure: Failure | undefined): WorkflowFailure | null {
  if (!failure) return null;
  const chain: Failure[] = [];
  for (let each: Failure | undefined = failure; each && chain.length < CAUSES_MAX; each = each.cause) chain.push(each);
  const message = chain.map((each) => each.message ?? '').filter(Boolean);
  return { message: message.join(': '), type: chain.at(-1)?.applicationFailureInfo?.type ?? '' };
}

/** What was parsed from JSON is JSON. */
export function jsonOf(value: unknown): WorkflowValue {
  return value as WorkflowValue;
}

type WorkflowValue = null | string | number | boolean | WorkflowValue[] | { [key: string]: WorkflowValue };

const CAUSES_MAX = 20;

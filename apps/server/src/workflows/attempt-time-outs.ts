/** Which time-out an attempt meets next that no server has in hand: while it waits for its turn, or for an end from outside. */
import { type Fields, milliseconds } from '@hanabi/sandbox';
import type { ActivityRow } from './activity-rows.ts';

export type TimeOut = NonNullable<ActivityRow['late_kind']>;

/** Of the row: when, and which. */
type Late = Pick<ActivityRow, 'late_ms' | 'late_kind'>;

const IN_HAND: Late = { late_ms: null, late_kind: null };

type Times = Pick<ActivityRow, 'due_ms' | 'deadline_ms'>;

/** `attributes`: of the event that scheduled it. */
export function lateWaiting({ due_ms, deadline_ms }: Times, attributes: Fields): Late {
  return first([
    ['SCHEDULE_TO_START', after(due_ms, attributes['scheduleToStartTimeout'])],
    ['SCHEDULE_TO_CLOSE', deadline_ms],
  ]);
}

export function lateOpen(
  { started_ms, deadline_ms }: Pick<ActivityRow, 'started_ms' | 'deadline_ms'>,
  attributes: Fields,
): Late {
  const now_ms = Date.now();
  return first([
    ['START_TO_CLOSE', after(started_ms ?? now_ms, attributes['startToCloseTimeout'])],
    ['HEARTBEAT', after(now_ms, attributes['heartbeatTimeout'])],
    ['SCHEDULE_TO_CLOSE', deadline_ms],
  ]);
}

function after(from_ms: number, time: Parameters<typeof milliseconds>[0]): number | null {
  const wait_ms = milliseconds(time);
  return wait_ms ? Math.ceil(from_ms + wait_ms) : null;
}

function first(times: readonly (readonly [TimeOut, number | null])[]): Late {
  let late = IN_HAND;
  for (const [late_kind, late_ms] of times) {
    if (late_ms !== null && (late.late_ms === null || late_ms < late.late_ms)) late = { late_ms, late_kind };
  }
  return late;
}

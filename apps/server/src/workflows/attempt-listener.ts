/** What an attempt says of itself on the way, in its row and on its clocks. */
import { type HistoryEvent, milliseconds } from '@hanabi/sandbox';
import type { Db } from '../storage/db.ts';
import { noteAttempt } from './activity-rows.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptListener } from './sealed-attempt.ts';

export function listenerOf(db: Db, attempt: Attempt, scheduled: HistoryEvent): AttemptListener {
  const { row } = attempt;
  let isNotedAsWaiting = false;
  const expectHeartbeat = () => attempt.watch('HEARTBEAT', limitOf(scheduled, 'heartbeatTimeout'));
  return {
    async queued() {
      if (isNotedAsWaiting) return;
      isNotedAsWaiting = true;
      await noteAttempt(db, row, { started_ms: null });
    },
    async started() {
      attempt.started();
      attempt.watch('START_TO_CLOSE', limitOf(scheduled, 'startToCloseTimeout'));
      expectHeartbeat();
      if (isNotedAsWaiting) await noteAttempt(db, row, { started_ms: Date.now() });
    },
    async beat(details) {
      attempt.heartbeat = details;
      expectHeartbeat();
      await noteAttempt(db, row, { heartbeat: JSON.stringify(details) });
    },
  };
}

/** Undefined: without end. */
export function limitOf({ attributes }: HistoryEvent, timeout: string): number | undefined {
  return milliseconds(attributes[timeout] as Parameters<typeof milliseconds>[0]) || undefined;
}

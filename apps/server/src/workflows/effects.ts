/** What a new event of history asks for, in the transaction that appends it. What comes of it arrives in inboxes. */
import {
  childNotStarted,
  childRequest,
  childStarted,
  EngineError,
  externalAnswer,
  type HistoryEvent,
  milliseconds,
} from '@hanabi/sandbox';
import type { Change } from '../storage/rows.ts';
import { cancelActivity, scheduleActivity } from './activity-rows.ts';
import { findRun, startRun } from './begin-run.ts';
import { arrive, deliver, type RunRow } from './history.ts';

type Effect = (db: Change, run: RunRow, event: HistoryEvent) => Promise<unknown>;

const EFFECTS: Readonly<Record<string, Effect>> = {
  TIMER_STARTED: (db, { run_id }, { eventId, eventTime_ms, attributes }) => {
    const due_ms = Math.ceil(eventTime_ms + (milliseconds(attributes['startToFireTimeout']) ?? 0));
    const timer_id = String(attributes['timerId']);
    return db.insertInto('workflow_timers').values({ run_id, event_id: eventId, due_ms, timer_id }).execute();
  },
  async TIMER_CANCELED(db, { run_id }, { attributes }) {
    const event_id = attributes['startedEventId'] as number;
    await db.deleteFrom('workflow_timers').where('run_id', '=', run_id).where('event_id', '=', event_id).execute();
    // It fired while the code was cancelling it.
    await db
      .deleteFrom('workflow_inbox')
      .where('run_id', '=', run_id)
      .where('type', '=', 'TIMER_FIRED')
      .where('about_event_id', '=', event_id)
      .execute();
  },
  ACTIVITY_TASK_SCHEDULED: (db, { run_id }, event) => scheduleActivity(db, run_id, event),
  ACTIVITY_TASK_CANCEL_REQUESTED: (db, { run_id }, { attributes }) =>
    cancelActivity(db, run_id, attributes['scheduledEventId'] as number),
  async START_CHILD_WORKFLOW_EXECUTION_INITIATED(db, run, event) {
    const started = await attempt(() =>
      startRun(db, run, childRequest({ runId: run.run_id, workflowId: run.workflow_id }, event)),
    );
    const told = started instanceof EngineError ? childNotStarted(event) : childStarted(event, started);
    await arrive(db, run.run_id, told, event.eventId);
  },
  async SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED(db, run, { eventId, attributes }) {
    const { childWorkflowId, workflowExecution, signalName, input } = attributes;
    const target = { workflowId: childWorkflowId ?? workflowExecution?.workflowId, runId: workflowExecution?.runId };
    const event = { eventType: 'WORKFLOW_EXECUTION_SIGNALED', attributes: { signalName, input: input ?? [] } };
    await arrive(db, run.run_id, externalAnswer('SIGNAL', eventId, await tell(db, run, target, event)), eventId);
  },
  async REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED(db, run, { eventId, attributes }) {
    const cause = 'cancelled by another workflow';
    const event = { eventType: 'WORKFLOW_EXECUTION_CANCEL_REQUESTED', attributes: { cause } };
    const refusal = await tell(db, run, attributes['workflowExecution'], event);
    await arrive(db, run.run_id, externalAnswer('REQUEST_CANCEL', eventId, refusal), eventId);
  },
};

export async function performEffects(db: Change, run: RunRow, events: readonly HistoryEvent[]): Promise<void> {
  for (const event of events) await EFFECTS[event.eventType]?.(db, run, event);
}

async function tell(
  db: Change,
  run: RunRow,
  target: { workflowId: string; runId?: string },
  event: Parameters<typeof arrive>[2],
): Promise<EngineError | undefined> {
  const other = await findRun(db, run, target.workflowId, target.runId || undefined);
  const told = other && (await attempt(() => deliver(db, other.run_id, event)));
  if (told instanceof EngineError) return told;
  if (told) return undefined;
  return new EngineError('NOT_FOUND', `there is no workflow ${target.workflowId} that runs`);
}

async function attempt<T>(work: () => Promise<T>): Promise<T | EngineError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

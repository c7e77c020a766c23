/** What somebody does to a run, each as one change: of the page of its module, the Workflows window or the command line. */
import { HanabiError, LIMITS, utf8Bytes } from '@hanabi/protocol';
import { EngineError, type Failure, type Fields, type Payload, payloadOf, valueOf } from '@hanabi/sandbox';
import type { Selectable } from 'kysely';
import type { Change } from '../storage/rows.ts';
import type { Tables } from '../storage/schema.ts';
import { endFromOutside } from './end-run.ts';
import { deliver, type RunRow } from './history.ts';
import { insertUpdate, isNewSignal } from './messages.ts';
import { resetRun } from './reset-run.ts';
import { failureView, jsonOf } from './run-view.ts';

/** A signal, query or update by its name. */
export interface Message {
  readonly name: string;
  readonly args?: readonly unknown[] | undefined;
}

/** HANABI-W029 where it has ended, Q018 where it takes no more, V002 for too large arguments. So are the next two. */
export async function signalRun(db: Change, run: RunRow, { name, args }: Message, signalId?: string): Promise<void> {
  const input = payloadsOf(args);
  if (signalId !== undefined && !(await isNewSignal(db, run, signalId))) return;
  await hear(run, () =>
    deliver(db, run.run_id, { eventType: 'WORKFLOW_EXECUTION_SIGNALED', attributes: { signalName: name, input } }),
  );
}

export function cancelRun(db: Change, run: RunRow, cause: string): Promise<void> {
  return hear(run, () =>
    deliver(db, run.run_id, { eventType: 'WORKFLOW_EXECUTION_CANCEL_REQUESTED', attributes: { cause } }),
  );
}

export function askForUpdate(db: Change, run: RunRow, { name, args }: Message, updateId: string): Promise<void> {
  return hear(run, () => insertUpdate(db, run, updateId, JSON.stringify({ name, input: payloadsOf(args) })));
}

/** HANABI-W029 where it has ended. */
export function terminateRun(db: Change, run: RunRow, reason: string): Promise<void> {
  return hear(run, () => endFromOutside(db, run.run_id, 'WORKFLOW_EXECUTION_TERMINATED', { reason }));
}

/** The id of the new run. HANABI-W029 where nothing was before that event, W030, Q016. */
export async function resetRunTo(db: Change, run: RunRow, event_id: number): Promise<string> {
  try {
    return await resetRun(db, run, event_id);
  } catch (error) {
    throw startRefusal(error);
  }
}

/** Why there is no new run. */
export function startRefusal(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  if (error.kind === 'ALREADY_STARTED') return new HanabiError('HANABI-W030', error.message);
  if (error.kind === 'INVALID_ARGUMENT') return new HanabiError('HANABI-V002', error.message);
  return new HanabiError(error.kind === 'NOT_FOUND' ? 'HANABI-W029' : 'HANABI-Q016', error.message);
}

/** What became of an update, as far as it has come. */
export function updateView(update_id: string, row: Selectable<Tables['workflow_updates']> | undefined) {
  const outcome = row?.outcome ? (JSON.parse(row.outcome) as Fields) : {};
  const failure = failureView(outcome['failure'] as Failure | undefined);
  const done = failure ? ('failed' as const) : ('completed' as const);
  return {
    update_id,
    state: row?.state === 'done' ? done : (row?.state ?? 'waiting'),
    value: jsonOf(valueOf(outcome['completed'] as Payload | undefined)),
    failure,
  };
}

/** HANABI-V002 for more than may be given. */
export function payloadsOf(args: readonly unknown[] = []): Payload[] {
  const most = LIMITS.workflow_input_bytes_max;
  if (utf8Bytes(JSON.stringify(args)) > most)
    throw new HanabiError('HANABI-V002', `arguments of more than ${most} bytes`);
  return args.map(payloadOf);
}

/** Thrown within the transaction, so that nothing of it is kept: what was not taken may be sent again. */
async function hear({ workflow_id }: RunRow, tell: () => Promise<boolean>): Promise<void> {
  const isHeard = await tell().catch((error: unknown) => {
    throw error instanceof EngineError ? new HanabiError('HANABI-Q018', error.message) : error;
  });
  if (!isHeard) throw new HanabiError('HANABI-W029', `${workflow_id} has ended`);
}

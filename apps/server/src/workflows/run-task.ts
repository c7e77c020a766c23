/** One task of a workflow: what happened is told to its code, and what it wants becomes history. */
import { HanabiError } from '@hanabi/protocol';
import {
  endOf,
  EngineError,
  type Fields,
  NondeterminismError,
  type RunMachine,
  type WorkflowCommand,
  type WorkflowProcess,
} from '@hanabi/sandbox';
import type { Db } from '../storage/db.ts';
import { readInbox, type RunRow } from './history.ts';
import { commandsOf, type RunMemory, TaskFailure } from './run-memory.ts';
import type { TaskWork } from './run-rows.ts';

/** Executes it in the process; nothing is in the database by then. Throws what failed. */
export async function executeTask(db: Db, memory: RunMemory, run: RunRow, process: WorkflowProcess): Promise<TaskWork> {
  const machine = await memory.recall(run, process);
  const before = machine.events.length;
  const arrivals = await readInbox(db, run.run_id);
  for (const { event, at_ms } of arrivals) machine.receive(event, at_ms);
  for (const { update_id, request } of await waitingUpdates(db, run.run_id)) {
    machine.update(update_id, { id: update_id, ...(JSON.parse(request) as Fields) });
  }
  const answers = machine.wantsTask ? await step(machine, process, run.size_bytes) : [];
  const events = machine.events.slice(before);
  const heard_seq = arrivals.at(-1)?.seq ?? 0;
  return { events, heard_seq, answers, end: events.find((event) => endOf(run.run_id, event) !== undefined) };
}

/** What the failure of a task is, as the Workflows page and the author are told. */
export function taskFailureOf(error: unknown) {
  if (error instanceof TaskFailure) return error.failure;
  if (error instanceof NondeterminismError) {
    const { message, expected, got, eventId } = error;
    const nondeterminism = { expected, got, eventId };
    return { message, applicationFailureInfo: { type: 'NondeterminismError' }, nondeterminism };
  }
  if (error instanceof EngineError) {
    return { message: error.message, applicationFailureInfo: { type: error.kind } };
  }
  const known = error instanceof HanabiError ? error : new HanabiError('HANABI-V009');
  return { message: known.message, applicationFailureInfo: { type: known.code }, stackTrace: known.log ?? '' };
}

async function step(machine: RunMachine, process: WorkflowProcess, size_bytes: number): Promise<TaskWork['answers']> {
  const answers: { updateId: string; outcome?: Fields }[] = [];
  machine.beginTask(Date.now(), size_bytes);
  for (let next = machine.nextActivation(); next; next = machine.nextActivation()) {
    const commands = await commandsOf(process, next);
    machine.complete(commands, Date.now());
    answers.push(...commands.flatMap(answerOf));
  }
  return answers;
}

function answerOf(command: WorkflowCommand): { updateId: string; outcome?: Fields }[] {
  const response = command['updateResponse'];
  if (!response) return [];
  const updateId = response['protocolInstanceId'] as string;
  if (response['rejected']) return [{ updateId, outcome: { failure: response['rejected'] } }];
  return 'completed' in response ? [{ updateId, outcome: { completed: response['completed'] } }] : [{ updateId }];
}

function waitingUpdates(db: Db, run_id: string) {
  return db
    .selectFrom('workflow_updates')
    .select(['update_id', 'request'])
    .where('run_id', '=', run_id)
    .where('state', '=', 'waiting')
    .orderBy('update_id')
    .execute();
}

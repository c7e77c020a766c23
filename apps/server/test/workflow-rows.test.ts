/** The state machine of runs and activities on a database of its own, without any code that executes them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import { isSqlite } from '../src/storage/clock.ts';
import type { Db } from '../src/storage/db.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import type { Change, Reader } from '../src/storage/rows.ts';
import { inTransaction } from '../src/storage/transaction.ts';
import { claimAttempts, endLostAttempts, finishAttempt, renewAttempts } from '../src/workflows/activity-rows.ts';
import { startRun, type WorkflowOwner } from '../src/workflows/begin-run.ts';
import { performEffects } from '../src/workflows/effects.ts';
import { endFromOutside, endRun } from '../src/workflows/end-run.ts';
import {
  appendEvents,
  arrive,
  isUnheard,
  lastArrival,
  readEvents,
  readInbox,
  type RunRow,
} from '../src/workflows/history.ts';
import { findUpdate, insertUpdate, isNewSignal } from '../src/workflows/messages.ts';
import { resetRun } from '../src/workflows/reset-run.ts';
import { claimRuns, renewRuns } from '../src/workflows/run-rows.ts';
import { dropDatabase, openDb } from './harness/engine.ts';

let dir: string;
let db: Db;
let owner: WorkflowOwner;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-workflow-rows-'));
  db = await openDb(dir);
  const { id } = await new Users(db, new FileTree(db)).create('one', 'one', 'user');
  owner = { user_id: id, module_id: 'module' };
});
afterEach(async () => {
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});

const change = <T>(work: (change: Change) => Promise<T>) => inTransaction(db, work);
const read = (run_id: string, from: Reader = db): Promise<RunRow> =>
  from.selectFrom('workflow_runs').selectAll().where('run_id', '=', run_id).executeTakeFirstOrThrow();
const arrivedIn = async (run_id: string) => (await readInbox(db, run_id)).map(({ event }) => event.eventType);

async function begin(workflowId: string): Promise<RunRow> {
  const request = { workflowId, workflowType: 'Type', taskQueue: 'module', input: [] };
  return read(await change((tx) => startRun(tx, owner, request)));
}

/** Events as a task of the run would have left them, with what comes of them. */
async function goOn(run_id: string, ...events: [eventType: string, attributes?: object][]): Promise<void> {
  const { length } = await readEvents(db, run_id);
  const added = events.map(([eventType, attributes], index) => ({
    eventId: length + index + 1,
    eventTime_ms: Date.now(),
    eventType,
    attributes: { ...attributes },
  }));
  await change(async (tx) => {
    // What arrived is among the events that are given.
    await tx.deleteFrom('workflow_inbox').where('run_id', '=', run_id).execute();
    await appendEvents(tx, run_id, added);
    await tx
      .updateTable('workflow_runs')
      .set({ events: length + added.length })
      .where('run_id', '=', run_id)
      .execute();
    await performEffects(tx, await read(run_id, tx), added);
  });
}
const TASK: [string][] = [['WORKFLOW_TASK_SCHEDULED'], ['WORKFLOW_TASK_STARTED'], ['WORKFLOW_TASK_COMPLETED']];

const update = (kind: 'ACCEPTED' | 'COMPLETED', protocolInstanceId: string): [string, object] => [
  `WORKFLOW_EXECUTION_UPDATE_${kind}`,
  { protocolInstanceId },
];

/** A run whose fifth event starts a child and whose eighth begins the task after it. */
async function withChild(workflowId: string): Promise<{ parent: RunRow; child: RunRow }> {
  const parent = await begin(workflowId);
  const child_id = `child of ${workflowId}`;
  const initiated = { workflowId: child_id, workflowType: { name: 'Child' }, taskQueue: 'module', input: [] };
  await goOn(parent.run_id, ...TASK, ['START_CHILD_WORKFLOW_EXECUTION_INITIATED', initiated]);
  await goOn(parent.run_id, ['CHILD_WORKFLOW_EXECUTION_STARTED', { initiatedEventId: 5 }], ...TASK);
  const { run_id } = await db
    .selectFrom('workflow_runs')
    .select('run_id')
    .where('workflow_id', '=', child_id)
    .executeTakeFirstOrThrow();
  return { parent, child: await read(run_id) };
}

const terminate = (run_id: string) =>
  change((tx) => endFromOutside(tx, run_id, 'WORKFLOW_EXECUTION_TERMINATED', { reason: 'no use' }));

async function continueAsNew(run: RunRow): Promise<RunRow> {
  const event = {
    eventId: run.events + 1,
    eventTime_ms: Date.now(),
    eventType: 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
    attributes: { workflowType: 'Type' },
  };
  await change(async (tx) => {
    await appendEvents(tx, run.run_id, [event]);
    await endRun(tx, run, event);
  });
  const { newRunId } = JSON.parse((await read(run.run_id)).outcome ?? '') as { newRunId: string };
  return read(newRunId);
}

async function withAttempts(count: number) {
  const { run_id } = await begin('works');
  const scheduled = Array.from({ length: count }, (): [string] => ['ACTIVITY_TASK_SCHEDULED']);
  await goOn(run_id, ...TASK, ...scheduled);
  return { run_id, attempts: await claimAttempts(db, 'here', { is_sealed: true, count, of_module_max: count }) };
}

it('keeps the leases of what a server has in hand, and of nothing else that is in its name', async () => {
  const [held, lost] = [await begin('held'), await begin('lost')];
  expect(await claimRuns(db, 'here', 2)).toHaveLength(2);
  await db.updateTable('workflow_runs').set({ lease_expires_ms: 0 }).execute();
  await renewRuns(db, 'here', [held.run_id]);
  expect((await claimRuns(db, 'there', 2)).map(({ run_id }) => run_id)).toEqual([lost.run_id]);

  const { attempts } = await withAttempts(2);
  await db.updateTable('workflow_activities').set({ lease_expires_ms: 0 }).execute();
  expect(await renewAttempts(db, 'here', attempts.slice(1))).toMatchObject([{ event_id: attempts[1]?.event_id }]);
  expect(await renewAttempts(db, 'here', [])).toEqual([]);
  expect(await change((tx) => endLostAttempts(tx, 'late'))).toBe(1);
});

it('hears of an activity once, which its server ends while another one thinks it dead', async () => {
  const { run_id, attempts } = await withAttempts(1);
  let recovered: Promise<number> | undefined;
  await change(async (here) => {
    await finishAttempt(here, 'here', attempts[0]!, { completed: {} });
    recovered = change((there) => endLostAttempts(there, 'all'));
    if (isSqlite(db)) return; // its transactions come one after the other
    const waits = sql<{ count: number }>`select count(*) as count from pg_locks where not granted`;
    await expect.poll(async () => (await waits.execute(here)).rows[0]?.count).toBeGreaterThan(0);
  });
  expect(await recovered).toBe(0);
  expect(await arrivedIn(run_id)).toEqual(['ACTIVITY_TASK_COMPLETED']);
});

it('takes its children along when it is reset, also through their next runs, and hears of their end', async () => {
  const { parent, child } = await withChild('reset');
  const run_id = await change((tx) => resetRun(tx, parent, 8));
  expect((await read(parent.run_id)).status).toBe('TERMINATED');
  const next = await continueAsNew(await read(child.run_id));
  expect(next).toMatchObject({ status: 'RUNNING', parent_run_id: run_id });
  await terminate(next.run_id);
  expect(await arrivedIn(run_id)).toEqual(['CHILD_WORKFLOW_EXECUTION_TERMINATED']);
});

it('hears of children that ended with it, or after the point that it is reset to', async () => {
  const { parent } = await withChild('ended');
  await terminate(parent.run_id);
  const run_id = await change((tx) => resetRun(tx, parent, 8));
  expect(await arrivedIn(run_id)).toEqual(['CHILD_WORKFLOW_EXECUTION_TERMINATED']);

  const other = await withChild('told');
  await goOn(other.parent.run_id, ['CHILD_WORKFLOW_EXECUTION_COMPLETED', { initiatedEventId: 5 }]);
  const told = await change((tx) => resetRun(tx, other.parent, 8));
  expect(await arrivedIn(told)).toEqual(['CHILD_WORKFLOW_EXECUTION_COMPLETED']);
});

it('is not reset beside a newer run of its id', async () => {
  const old = await begin('twice');
  await goOn(old.run_id, ...TASK);
  await terminate(old.run_id);
  const newer = await begin('twice');
  await expect(change((tx) => resetRun(tx, old, 3))).rejects.toMatchObject({ kind: 'ALREADY_STARTED' });
  expect((await read(newer.run_id)).status).toBe('RUNNING');
});

it('knows signals and updates of the runs before it', async () => {
  const run = await begin('chain');
  expect(await change((tx) => isNewSignal(tx, run, 'click'))).toBe(true);
  await change((tx) => insertUpdate(tx, run, 'change', '{}'));
  const next = await continueAsNew(run);
  expect(await change((tx) => isNewSignal(tx, next, 'click'))).toBe(false);
  expect(await change((tx) => isNewSignal(tx, next, 'another'))).toBe(true);
  expect(await findUpdate(db, next, 'change')).toMatchObject({ state: 'done' });
  await terminate(next.run_id);
  const anew = await begin('chain');
  expect(await change((tx) => isNewSignal(tx, anew, 'click'))).toBe(true);
  expect(await findUpdate(db, anew, 'change')).toBeUndefined();
});

it('asks for updates again that came after the point that it is reset to', async () => {
  const run = await begin('updated');
  const ids = ['before', 'across', 'after', 'refused', 'unheard'];
  for (const id of ids) await change((tx) => insertUpdate(tx, run, id, '{}'));
  await goOn(
    run.run_id,
    ...TASK,
    update('ACCEPTED', 'before'),
    update('COMPLETED', 'before'),
    update('ACCEPTED', 'across'),
  );
  await goOn(run.run_id, ...TASK, update('ACCEPTED', 'after'), update('COMPLETED', 'across'));
  await db.updateTable('workflow_updates').set({ state: 'done' }).where('update_id', '!=', 'unheard').execute();
  const run_id = await change((tx) => resetRun(tx, run, 9));
  const rows = await db
    .selectFrom('workflow_updates')
    .select(['update_id', 'state'])
    .where('run_id', '=', run_id)
    .execute();
  expect(new Map(rows.map(({ update_id, state }) => [update_id, state]))).toEqual(
    new Map([
      ['across', 'accepted'],
      ['after', 'waiting'],
      ['unheard', 'waiting'],
    ]),
  );
  expect(await findUpdate(db, await read(run_id), 'after')).toMatchObject({ run_id, state: 'waiting' });
});

it('ends although its parent is kept no longer', async () => {
  const { parent, child } = await withChild('forgotten');
  await db.deleteFrom('workflow_runs').where('run_id', '=', parent.run_id).execute();
  expect(await terminate(child.run_id)).toBe(true);
});

it('is reset to an event that it has, and has as much time as at first', async () => {
  const request = { workflowId: 'timed', workflowType: 'Type', taskQueue: 'module', input: [] };
  const options = { workflowRunTimeout: { seconds: 60 } };
  const base_id = await change((tx) => startRun(tx, owner, { ...request, options }));
  await goOn(base_id, ...TASK);
  const base = await read(base_id);
  const refused = { kind: 'NOT_FOUND', message: 'its history has no event 5' };
  await expect(change((tx) => resetRun(tx, base, 5))).rejects.toMatchObject(refused);
  expect((await read(base_id)).status).toBe('RUNNING');
  const { deadline_ms, started_ms } = await read(await change((tx) => resetRun(tx, base, 4)));
  expect(deadline_ms! - started_ms).toBe(60_000);
});

it('knows whether what came before a question has been heard, whatever comes after it', async () => {
  const { run_id } = await begin('asked');
  expect(await lastArrival(db, run_id)).toBeUndefined();
  const say = () =>
    change((tx) => arrive(tx, run_id, { eventType: 'WORKFLOW_EXECUTION_SIGNALED', attributes: { signalName: 'say' } }));
  await say();
  const told = (await lastArrival(db, run_id))!;
  expect(await isUnheard(db, run_id, told)).toBe(true);
  await goOn(run_id, ['WORKFLOW_EXECUTION_SIGNALED', { signalName: 'say' }], ...TASK);
  await say();
  expect(await isUnheard(db, run_id, told)).toBe(false);
});

it('keeps times that are further away than numbers go as ones that can be read', async () => {
  const forever = { seconds: 9e15 };
  const request = { workflowId: 'forever', workflowType: 'Type', taskQueue: 'module', input: [] };
  const options = { workflowRunTimeout: forever };
  const run_id = await change((tx) => startRun(tx, owner, { ...request, options }));
  await goOn(
    run_id,
    ...TASK,
    ['TIMER_STARTED', { timerId: '1', startToFireTimeout: forever }],
    ['ACTIVITY_TASK_SCHEDULED', { scheduleToCloseTimeout: forever, scheduleToStartTimeout: forever }],
  );
  const { deadline_ms } = await read(run_id);
  const timer = await db.selectFrom('workflow_timers').selectAll().executeTakeFirstOrThrow();
  const activity = await db.selectFrom('workflow_activities').selectAll().executeTakeFirstOrThrow();
  for (const time_ms of [deadline_ms, timer.due_ms, activity.deadline_ms, activity.late_ms]) {
    expect(new Date(time_ms!).toISOString()).toMatch(/^3\d{3}-/);
  }
});

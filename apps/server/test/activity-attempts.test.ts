/** Attempts of activities between their servers and the world outside: in the database alone, and their clocks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HistoryEvent, wireTime } from '@hanabi/sandbox';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import type { Db } from '../src/storage/db.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import type { Change } from '../src/storage/rows.ts';
import { inTransaction } from '../src/storage/transaction.ts';
import {
  type ActivityRow,
  cancelActivity,
  claimAttempts,
  finishAttempt,
  keyOf,
  noteAttempt,
  scheduleActivity,
} from '../src/workflows/activity-rows.ts';
import { Attempt } from '../src/workflows/attempt.ts';
import { startRun } from '../src/workflows/begin-run.ts';
import { appendEvents, readInbox } from '../src/workflows/history.ts';
import { beatOpenActivity, endLateAttempts, endOpenActivity } from '../src/workflows/open-activities.ts';
import { nextDue } from '../src/workflows/run-rows.ts';
import { dropDatabase, openDb } from './harness/engine.ts';

const ROOM = { is_sealed: true, count: 9, of_module_max: 9 };
const LONG = wireTime(3600_000);
let dir: string;
let db: Db;
let run_id: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hanabi-activity-attempts-'));
  db = await openDb(dir);
  const { id } = await new Users(db, new FileTree(db)).create('one', 'one', 'user');
  const request = { workflowId: 'works', workflowType: 'Type', taskQueue: 'module', input: [] };
  run_id = await change((tx) => startRun(tx, { user_id: id, module_id: 'module' }, request));
});
afterEach(async () => {
  await db.destroy();
  await dropDatabase(dir);
  await rm(dir, { recursive: true });
});

const change = <T>(work: (change: Change) => Promise<T>) => inTransaction(db, work);
const rows = () => db.selectFrom('workflow_activities').selectAll().orderBy('event_id').execute();
const pause = (paused: number) => db.updateTable('workflow_runs').set({ paused }).execute();
const arrivals = async () => (await readInbox(db, run_id)).map(({ event }) => event);

/** Scheduled, and `scheduled_ms` ago. */
async function schedule(timeouts: object, scheduled_ms = 0, eventId = 2): Promise<void> {
  const event: HistoryEvent = {
    eventId,
    eventTime_ms: Date.now() - scheduled_ms,
    eventType: 'ACTIVITY_TASK_SCHEDULED',
    attributes: { activityId: 'asks', activityType: { name: 'asks' }, ...timeouts },
  };
  await change(async (tx) => {
    await appendEvents(tx, run_id, [event]);
    await scheduleActivity(tx, run_id, event);
  });
}

/** Its code has returned, and somebody else is to end it. */
async function open(timeouts: object = {}): Promise<ActivityRow> {
  await schedule(timeouts);
  const [row] = await claimAttempts(db, 'me', ROOM);
  await change((tx) => finishAttempt(tx, 'me', row!, { willCompleteAsync: {} }));
  return row!;
}

const completed = { completed: { result: { data: 'MQ==' } } };
const failed = { failed: { failure: { message: 'no', applicationFailureInfo: {} } } };
const which = { activityId: 'asks' };

it('leaves one open whose code has returned, for somebody who ends it by its id or by its token', async () => {
  const row = await open();
  expect(await claimAttempts(db, 'me', ROOM)).toEqual([]);
  const other = { ...which, token: 'another/2/1' };
  await expect(change((tx) => endOpenActivity(tx, run_id, other, completed))).rejects.toMatchObject({
    code: 'HANABI-W033',
  });
  await change((tx) => endOpenActivity(tx, run_id, { ...which, token: keyOf(row) }, completed));
  expect(await arrivals()).toMatchObject([{ eventType: 'ACTIVITY_TASK_COMPLETED', attributes: { result: {} } }]);
  await expect(change((tx) => endOpenActivity(tx, run_id, which, completed))).rejects.toMatchObject({
    code: 'HANABI-W033',
  });
});

it('takes the answer from outside while the code that asked has not returned, and then nothing of that code', async () => {
  await schedule({});
  const [row] = await claimAttempts(db, 'me', ROOM);
  await change((tx) => endOpenActivity(tx, run_id, which, completed));
  expect(await change((tx) => finishAttempt(tx, 'me', row!, { willCompleteAsync: {} }))).toBe(false);
  expect(await arrivals()).toHaveLength(1);
});

it('tells activities of a run from each other, and reads of none what another said', async () => {
  await open();
  await schedule({ activityId: 'other' }, 0, 3);
  const [other] = await claimAttempts(db, 'me', ROOM);
  await change((tx) => finishAttempt(tx, 'me', other!, { willCompleteAsync: {} }));
  await change((tx) => beatOpenActivity(tx, run_id, which, [{ data: 'MQ==' }]));
  expect((await rows()).map(({ activity_id, heartbeat }) => [activity_id, heartbeat])).toEqual([
    ['asks', '[{"data":"MQ=="}]'],
    ['other', '[]'],
  ]);
  await change((tx) => endOpenActivity(tx, run_id, { activityId: 'other' }, completed));
  expect(await arrivals()).toMatchObject([{ attributes: { scheduledEventId: 3 } }]);
});

it('tries one again that failed outside, and hears of nothing that is said of the earlier attempt', async () => {
  const row = await open();
  await change((tx) => endOpenActivity(tx, run_id, which, failed));
  expect(await rows()).toMatchObject([{ attempt: 2, is_open: 0, started_ms: null }]);
  const token = keyOf(row);
  await db.updateTable('workflow_activities').set({ due_ms: 0 }).execute();
  expect(await claimAttempts(db, 'me', ROOM)).toHaveLength(1);
  await expect(change((tx) => endOpenActivity(tx, run_id, { ...which, token }, completed))).rejects.toMatchObject({
    code: 'HANABI-W033',
  });
  await change((tx) => endOpenActivity(tx, run_id, which, completed));
  expect(await arrivals()).toMatchObject([{ attributes: { attempt: 2 } }]);
});

it('tells who has it open that it is to end, and waits for that', async () => {
  await open();
  const beat = () => change((tx) => beatOpenActivity(tx, run_id, which, [{ data: 'MQ==' }]));
  expect(await beat()).toBe(false);
  await change((tx) => cancelActivity(tx, run_id, 2));
  expect(await rows()).toMatchObject([{ is_open: 1, heartbeat: '[{"data":"MQ=="}]' }]);
  expect(await beat()).toBe(true);
  await change((tx) => endOpenActivity(tx, run_id, which, { cancelled: { failure: { canceledFailureInfo: {} } } }));
  expect(await arrivals()).toMatchObject([{ eventType: 'ACTIVITY_TASK_CANCELED' }]);
});

it.each([
  ['that nobody begins', { scheduleToStartTimeout: wireTime(1000) }, 'SCHEDULE_TO_START', 'NON_RETRYABLE_FAILURE'],
  [
    'as a whole',
    { scheduleToCloseTimeout: wireTime(1000), scheduleToStartTimeout: LONG },
    'SCHEDULE_TO_CLOSE',
    'TIMEOUT',
  ],
])('ends one %s when its time is up, though no server has it in hand', async (_, timeouts, kind, state) => {
  await schedule(timeouts, 5000);
  expect(await change((tx) => endLateAttempts(tx, 9))).toBe(true);
  const failure = {
    cause: { timeoutFailureInfo: { timeoutType: `TIMEOUT_TYPE_${kind}` } },
    activityFailureInfo: { retryState: `RETRY_STATE_${state}` },
  };
  expect(await arrivals()).toMatchObject([{ eventType: 'ACTIVITY_TASK_TIMED_OUT', attributes: { failure } }]);
  expect(await change((tx) => endLateAttempts(tx, 9))).toBe(false);
});

it('lets what is late wait as long as its run does since a restore', async () => {
  await schedule({ scheduleToCloseTimeout: wireTime(1000) }, 5000);
  await pause(1);
  expect(await change((tx) => endLateAttempts(tx, 9))).toBe(false);
  await pause(0);
  expect(await change((tx) => endLateAttempts(tx, 9))).toBe(true);
});

it.each([
  ['its answer', { startToCloseTimeout: wireTime(1), heartbeatTimeout: LONG }, 'START_TO_CLOSE'],
  ['a heartbeat', { startToCloseTimeout: LONG, heartbeatTimeout: wireTime(1) }, 'HEARTBEAT'],
])('tries one again that is open and waited too long for %s', async (_, timeouts, kind) => {
  await open(timeouts);
  await expect.poll(() => change((tx) => endLateAttempts(tx, 9))).toBe(true);
  const [row] = await rows();
  expect(row).toMatchObject({ attempt: 2, is_open: 0, failure: expect.stringContaining(kind) });
});

it('looks at the clock of one that is begun no more, and wakes in time for the others', async () => {
  await schedule({ scheduleToStartTimeout: LONG });
  const [{ late_ms } = { late_ms: null }] = await rows();
  expect(await nextDue(db, Date.now() + 1000)).toBe(late_ms);
  const [row] = await claimAttempts(db, 'me', ROOM);
  expect(await rows()).toMatchObject([{ late_ms: null, late_kind: null }]);
  await noteAttempt(db, row!, { started_ms: null });
  expect(await rows()).toMatchObject([{ started_ms: null }]);
});

it('asks code that runs, gives it time, and ends what has no code yet at once', async () => {
  await schedule({});
  const [row] = await claimAttempts(db, 'me', ROOM);
  const waiting = new Attempt(row!, () => {});
  waiting.ask('cancelled', 'cancel_requested');
  expect([waiting.asks.aborted, waiting.stop.signal.aborted]).toEqual([false, true]);

  // Time that was given is not given again: whoever asks last has an hour to give.
  const running = new Attempt(row!, () => {});
  running.started();
  running.ask('cancelled', 'cancel_requested', 1);
  running.ask('gone', 'not_found', 3600_000);
  expect([running.reason, running.asks.reason]).toEqual(['cancelled', 'cancel_requested']);
  await expect.poll(() => running.stop.signal.aborted).toBe(true);

  // But a server that stops gives its own.
  const last = new Attempt(row!, () => {});
  last.started();
  last.ask('cancelled', 'cancel_requested', 3600_000);
  last.ask('stopping', 'worker_shutdown', 1);
  await expect.poll(() => last.stop.signal.aborted).toBe(true);
  for (const attempt of [waiting, running, last]) attempt.settled();
});

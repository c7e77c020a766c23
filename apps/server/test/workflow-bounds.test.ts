/** What a workflow may fill, and what one module may keep busy: in the database alone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import type { JobResult, StartRequest } from '@hanabi/sandbox';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Users } from '../src/accounts/users.ts';
import type { Db } from '../src/storage/db.ts';
import { FileTree } from '../src/storage/file-tree.ts';
import { heartbeatIn, resultIn } from '../src/workflows/activity-answers.ts';
import { claimAttempts, scheduleActivity } from '../src/workflows/activity-rows.ts';
import { insertRun } from '../src/workflows/begin-run.ts';
import { endFromOutside } from '../src/workflows/end-run.ts';
import { appendEvents, arrive, deliver, readInbox, type RunRow } from '../src/workflows/history.ts';
import { answerQuery, putQuery, takeAnswer, takeQueries } from '../src/workflows/queries.ts';
import { claimRuns, commitTask, forgetEnded } from '../src/workflows/run-rows.ts';
import { dropDatabase, openDb } from './harness/engine.ts';

const AT_A_TIME = LIMITS.workflow_tasks_of_module_max;
const NO_USAGE = { wall_ms: 0, cpu_ms: null, memory_bytes_peak: null };
const owner = { user_id: '', module_id: 'flows' };
let data_dir: string;
let db: Db;

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'hanabi-workflow-bounds-'));
  db = await openDb(data_dir);
  const user = await new Users(db, new FileTree(db)).create('ada', undefined, 'user');
  owner.user_id = user.id;
});
afterAll(async () => {
  await db.destroy();
  await dropDatabase(data_dir);
  await rm(data_dir, { recursive: true, force: true });
});
beforeEach(() => db.deleteFrom('workflow_runs').execute());

const change = <T>(work: Parameters<ReturnType<Db['transaction']>['execute']>[0]) =>
  db.transaction().execute(work) as Promise<T>;
const begin = (workflowId: string, module_id = owner.module_id): Promise<string> =>
  change((tx) => insertRun(tx, { ...owner, module_id }, requestOf(workflowId)));
const requestOf = (workflowId: string): StartRequest => ({
  workflowId,
  workflowType: 'Waits',
  taskQueue: 'flows',
  input: [],
  options: {},
});
const signal = (text: string) => ({
  eventType: 'WORKFLOW_EXECUTION_SIGNALED',
  attributes: { signalName: 'say', input: [text] },
});
const scheduled = (eventId: number) => ({
  eventId,
  eventTime_ms: Date.now() - 1000,
  eventType: 'ACTIVITY_TASK_SCHEDULED',
  attributes: {},
});
const of = (path: string, size_bytes: number) =>
  ({ outputs: [{ name: 'result', path, size_bytes, sha256: '' }], log: '', usage: NO_USAGE }) satisfies JobResult;
const rowOf = (run_id: string): Promise<RunRow> =>
  db.selectFrom('workflow_runs').selectAll().where('run_id', '=', run_id).executeTakeFirstOrThrow();

it('counts what waits for a run once, before and after it is history', async () => {
  const run_id = await begin('counted');
  const { size_bytes } = await rowOf(run_id);
  const event = signal('x'.repeat(1000));
  await change((tx) => deliver(tx, run_id, event));
  const waiting = await rowOf(run_id);
  expect(waiting.size_bytes).toBe(size_bytes + Buffer.byteLength(JSON.stringify(event.attributes)));
  const [run] = await claimRuns(db, 'me', 1);
  const [heard] = await readInbox(db, run_id);
  const work = {
    events: [{ eventId: 2, eventTime_ms: heard!.at_ms, ...event }],
    heard_seq: heard!.seq,
    answers: [],
    end: undefined,
  };
  expect(await change((tx) => commitTask(tx, run!, work))).toBe('done');
  expect((await rowOf(run_id)).size_bytes).toBe(waiting.size_bytes);
});

it('refuses what is asked of a run whose history is full, and takes what it waits for', async () => {
  const run_id = await begin('full');
  await db
    .updateTable('workflow_runs')
    .set({ size_bytes: LIMITS.workflow_history_bytes_max })
    .where('run_id', '=', run_id)
    .execute();
  await expect(change((tx) => deliver(tx, run_id, signal('more')))).rejects.toThrow('bytes of history');
  expect(await change((tx) => arrive(tx, run_id, { eventType: 'TIMER_FIRED', attributes: {} }, 2))).toBe(true);
});

it('ends a run with the task that makes its history too long', async () => {
  const run_id = await begin('too-long');
  const before = LIMITS.workflow_history_events_max;
  await db.updateTable('workflow_runs').set({ events: before }).where('run_id', '=', run_id).execute();
  const [run] = await claimRuns(db, 'me', 1);
  const event = { eventId: before + 1, eventTime_ms: Date.now(), eventType: 'MARKER_RECORDED', attributes: {} };
  const work = { events: [event], heard_seq: 0, answers: [], end: undefined };
  expect(await change((tx) => commitTask(tx, run!, work))).toBe('full');
  expect(await rowOf(run_id)).toMatchObject({
    status: 'TERMINATED',
    events: before + 2,
    outcome: expect.stringContaining('HANABI-Q019'),
  });
});

it('leaves alone what waits since a restore, tasks and activities', async () => {
  const run_id = await begin('waits');
  await change((tx) => scheduleActivity(tx, run_id, scheduled(2)));
  const pause = (paused: number) =>
    db.updateTable('workflow_runs').set({ paused }).where('run_id', '=', run_id).execute();
  const room = { is_sealed: true, count: 1, of_module_max: 1 };
  await pause(1);
  expect(await claimRuns(db, 'me', 1)).toEqual([]);
  expect(await claimAttempts(db, 'me', room)).toEqual([]);
  await pause(0);
  expect(await claimRuns(db, 'me', 1)).toHaveLength(1);
  expect(await claimAttempts(db, 'me', room)).toHaveLength(1);
});

it('refuses what is asked of a run that hears of nothing', async () => {
  const run_id = await begin('deaf');
  const { eventType, attributes } = signal('again');
  const row = { run_id, at_ms: Date.now(), type: eventType, attributes: JSON.stringify(attributes) };
  const rows = Array.from({ length: 1000 }, () => ({ ...row, about_event_id: null }));
  for (let count = 0; count < LIMITS.workflow_inbox_max; count += rows.length) {
    await db.insertInto('workflow_inbox').values(rows).execute();
  }
  await expect(change((tx) => deliver(tx, run_id, signal('more')))).rejects.toThrow('wait for it');
});

it('tells who asked that there is no answer, whatever it failed with', async () => {
  const run_id = await begin('asked');
  const query_id = await putQuery(db, run_id, 'words', []);
  expect(await takeQueries(db)).toMatchObject([{ query_id, name: 'words' }]);
  await expect(answerQuery(db, query_id, () => Promise.reject(new TypeError('secret')))).rejects.toThrow('secret');
  const { refusal } = (await takeAnswer(db, query_id))!;
  expect(refusal).toMatch(/^HANABI-V009: /);
  expect(refusal).not.toContain('secret');
});

it('forgets the oldest histories of a user before their time when there are too many bytes of them', async () => {
  const kept: string[] = [];
  for (const [place, size_bytes] of [0, LIMITS.workflow_kept_bytes_max, 0].entries()) {
    const run_id = await begin(`ended-${place}`);
    await change((tx) => endFromOutside(tx, run_id, 'WORKFLOW_EXECUTION_TERMINATED', {}));
    const closed_ms = Date.now() + place;
    await db.updateTable('workflow_runs').set({ size_bytes, closed_ms }).where('run_id', '=', run_id).execute();
    kept.push(run_id);
  }
  await forgetEnded(db);
  const left = await db.selectFrom('workflow_runs').select('run_id').execute();
  expect(left.map(({ run_id }) => run_id)).toEqual(kept.slice(2));
});

it.each([
  ['no JSON', '{', 'HANABI-W014'],
  ['no result', '{"completed":[]}', 'HANABI-W014'],
  ['a failure that is none', '{"failed":{"failure":"because"}}', 'HANABI-W014'],
  ['too much', '"'.padEnd(LIMITS.workflow_payload_bytes_max, 'x') + '"', 'HANABI-W006'],
])('takes no result of an activity that is %s', async (_, text, code) => {
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-activity-'));
  const path = join(dir, 'result');
  await writeFile(path, text);
  await expect(resultIn(of(path, text.length))).rejects.toMatchObject({ code });
});

it('takes heartbeats and results as the runner writes them', async () => {
  const result = { completed: { result: { metadata: { encoding: 'anNvbg==' }, data: 'MQ==' } } };
  const dir = await mkdtemp(join(tmpdir(), 'hanabi-activity-'));
  const path = join(dir, 'result');
  await writeFile(path, JSON.stringify(result));
  expect(await resultIn(of(path, 1))).toEqual(result);
  expect(heartbeatIn('[{"data":"MQ=="}]')).toEqual([{ data: 'MQ==' }]);
  expect(() => heartbeatIn('[1]')).toThrow('must be object');
  expect(() => heartbeatIn('[')).toThrow('no JSON');
});

it('leaves other modules their places where one has much to do', async () => {
  for (let count = 0; count < 2 * AT_A_TIME; count += 1) await begin(`many-${count}`);
  const other = await begin('one', 'another');
  await db.updateTable('workflow_runs').set({ wake_ms: Date.now() }).where('run_id', '=', other).execute();
  const first = await claimRuns(db, 'me', 4 * AT_A_TIME);
  expect(first.filter(({ module_id }) => module_id === owner.module_id)).toHaveLength(AT_A_TIME);
  expect(first.map(({ run_id }) => run_id)).toContain(other);
  expect(await claimRuns(db, 'me', 4 * AT_A_TIME)).toEqual([]);
});

it('takes the run of one that has little to do before the second of another', async () => {
  await begin('many-1');
  await begin('many-2');
  const other = await begin('one', 'another');
  const claimed = await claimRuns(db, 'me', 2);
  expect(claimed.map(({ run_id }) => run_id)).toContain(other);
});

it('leaves the activities of other modules their places as well', async () => {
  const busy = await begin('busy');
  const other = await begin('one', 'another');
  await change(async (tx) => {
    const events = Array.from({ length: 4 }, (_, place) => scheduled(place + 2));
    await appendEvents(tx, busy, events);
    for (const event of events) await scheduleActivity(tx, busy, event);
    await scheduleActivity(tx, other, scheduled(2));
  });
  const room = { is_sealed: true, count: 4, of_module_max: 2 };
  const first = await claimAttempts(db, 'me', room);
  expect(first.filter(({ run_id }) => run_id === busy)).toHaveLength(2);
  expect(first.map(({ run_id }) => run_id)).toContain(other);
  expect(await claimAttempts(db, 'me', room)).toEqual([]);
  // Another server has places of its own, and the code of an attempt that is over may fill one of them.
  const lingering = [{ ...owner, count: 1 }];
  expect(await claimAttempts(db, 'you', { ...room, lingering })).toMatchObject([{ run_id: busy }]);
  expect(await claimAttempts(db, 'you', room)).toHaveLength(1);
});

it('does what needs no sandbox while all places of a module are taken', async () => {
  const busy = await begin('busy');
  const notice = { ...scheduled(3), attributes: { activityType: { name: 'HANABI_NOTIFY' } } };
  await change(async (tx) => {
    await appendEvents(tx, busy, [scheduled(2), notice]);
    for (const event of [scheduled(2), notice]) await scheduleActivity(tx, busy, event);
  });
  const sealed = await claimAttempts(db, 'me', { is_sealed: true, count: 4, of_module_max: 1 });
  expect(sealed).toMatchObject([{ event_id: 2 }]);
  const here = await claimAttempts(db, 'me', { is_sealed: false, count: 4, of_module_max: 1 });
  expect(here).toMatchObject([{ event_id: 3 }]);
});

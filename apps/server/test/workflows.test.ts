/** Durable workflows as modules see them, in real sandboxes: what the engine of the server does with each kind of command. */
import { DESKTOP_PATHS, type Launch, LIMITS, type Permission, type Results } from '@hanabi/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openDb } from './harness/engine.ts';
import { KillableServer } from './harness/killable-server.ts';
import { workflowModule } from './harness/workflow-module.ts';

/** What an activity has beside its right to run. */
const EXTRAS: Permission[] = ['worker.native', 'network.fetch.broad'];

const PROGRAM = `
import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

SHORT = dict(start_to_close_timeout=timedelta(seconds=20))


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@activity.defn
def fails_at_first(times: int) -> int:
    if activity.info().attempt <= times:
        raise ValueError(f"attempt {activity.info().attempt}")
    return activity.info().attempt


@activity.defn
async def sleeps() -> str:
    activity.heartbeat("asleep")
    await asyncio.sleep(600)
    return "slept"


@workflow.defn
class Greets:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, **SHORT)


@workflow.defn
class Retries:
    @workflow.run
    async def run(self, times: int, attempts: int) -> int:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=attempts)
        return await workflow.execute_activity(fails_at_first, times, retry_policy=policy, **SHORT)


@workflow.defn
class Approval:
    def __init__(self) -> None:
        self.said: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: "end" in self.said)
        return self.said

    @workflow.signal
    def say(self, word: str) -> None:
        self.said.append(word)

    @workflow.update
    async def add(self, word: str) -> int:
        self.said.append(word)
        await asyncio.sleep(0.01)
        return len(self.said)

    @add.validator
    def check(self, word: str) -> None:
        if not word:
            raise ValueError("nothing was said")

    @workflow.query
    def words(self) -> list[str]:
        return self.said


@workflow.defn
class Counts:
    @workflow.run
    async def run(self, count: int) -> int:
        await asyncio.sleep(0.01)
        if count < 3:
            workflow.continue_as_new(count + 1)
        return count


@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> list[str]:
        child = await workflow.start_child_workflow(Approval.run, id="the-child")
        await child.signal(Approval.say, "from the parent")
        await child.signal(Approval.say, "end")
        try:
            await workflow.execute_child_workflow(Retries.run, args=[9, 1], id="fails")
        except Exception as error:
            return [*await child, str(error.cause.cause)]
        return []


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> str:
        try:
            return await workflow.execute_activity(sleeps, heartbeat_timeout=timedelta(seconds=30), **SHORT)
        except asyncio.CancelledError:
            await workflow.execute_activity(greet, "tidy", **SHORT)
            raise


@workflow.defn
class Notifies:
    @workflow.run
    async def run(self, times: int) -> None:
        policy = RetryPolicy(maximum_attempts=1)
        for number in range(times):
            await workflow.execute_activity("HANABI_NOTIFY", {"message": str(number)}, retry_policy=policy, **SHORT)


@workflow.defn
class Nightly:
    @workflow.run
    async def run(self) -> int:
        return (workflow.get_last_completion_result(int) or 0) + 1


@workflow.defn
class TimesOut:
    @workflow.run
    async def run(self) -> str:
        policy = RetryPolicy(maximum_attempts=1)
        try:
            await workflow.execute_activity(sleeps, start_to_close_timeout=timedelta(seconds=4), retry_policy=policy)
        except Exception as error:
            return f"{error.cause.type.name} {error.cause.last_heartbeat_details}"


@workflow.defn
class Broken:
    @workflow.run
    async def run(self) -> None:
        raise ValueError("the code is wrong")


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        raise ApplicationError("for good", type="Wrong")
`;

let server: KillableServer;
let launch: Launch;

beforeAll(async () => {
  const module = await workflowModule('flows', PROGRAM, ['notifications', ...EXTRAS]);
  server = await KillableServer.start(module);
  launch = await server.desktop.launch('flows');
}, 60_000);
afterAll(() => server.stop());

async function ask<Type extends keyof Results>(type: Type, payload: object): Promise<Results[Type]> {
  const answer = await server.desktop.ask(launch, type, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Results[Type];
}
const begin = (workflow: string, id: string, ...args: unknown[]) =>
  ask('HANABI_WORKFLOW_START', { workflow, id, args });
const resultOf = (id: string) => ask('HANABI_WORKFLOW_RESULT', { id });
const PATIENCE = { timeout: 25_000, interval: 50 };

it('runs an activity as a sealed job and ends with its result', async () => {
  const { run_id } = await begin('Greets', 'greets', 'Ada');
  expect(await resultOf('greets')).toEqual({ run_id, state: 'completed', value: 'Hello, Ada!', failure: null });
});

it('tries an activity again, as its policy says, and tells the failure of the last attempt', async () => {
  await begin('Retries', 'retries', 2, 5);
  expect(await resultOf('retries')).toMatchObject({ state: 'completed', value: 3 });
  await begin('Retries', 'gives-up', 9, 2);
  expect(await resultOf('gives-up')).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringContaining('attempt 2'), type: 'ValueError' },
  });
});

it('takes signals once, answers queries and updates, and refuses what the validator refuses', async () => {
  await begin('Approval', 'approval');
  const say = (word: string, signalId?: string) =>
    ask('HANABI_WORKFLOW_SIGNAL', { id: 'approval', signal: 'say', args: [word], ...(signalId ? { signalId } : {}) });
  await say('one', 'first');
  await say('one', 'first');
  const update = { id: 'approval', update: 'add', args: ['two'], updateId: 'second' };
  const answer = { update_id: 'second', state: 'completed', value: 2, failure: null };
  expect(await ask('HANABI_WORKFLOW_UPDATE', update)).toEqual(answer);
  expect(await ask('HANABI_WORKFLOW_UPDATE', update)).toEqual(answer);
  expect(await ask('HANABI_WORKFLOW_UPDATE', { ...update, args: [''], updateId: 'third' })).toMatchObject({
    state: 'failed',
    failure: { message: 'nothing was said' },
  });
  const words = { id: 'approval', query: 'words' };
  await say('three');
  expect(await ask('HANABI_WORKFLOW_QUERY', words)).toEqual({ value: ['one', 'two', 'three'] });
  await expect(ask('HANABI_WORKFLOW_QUERY', { ...words, query: 'other' })).rejects.toThrow('HANABI-W031');
  await expect(begin('Approval', 'approval')).rejects.toThrow('HANABI-W030');
  await say('end');
  const all = ['one', 'two', 'three', 'end'];
  expect(await resultOf('approval')).toMatchObject({ state: 'completed', value: all });
  // It has left the memory, and is played again for this.
  expect(await ask('HANABI_WORKFLOW_QUERY', words)).toEqual({ value: all });
  await expect(say('late')).rejects.toThrow('HANABI-W029');
});

it('continues as new, and its result is that of the last of its chain', async () => {
  const { run_id } = await begin('Counts', 'counts', 1);
  const end = await resultOf('counts');
  expect(end).toMatchObject({ state: 'completed', value: 3 });
  expect(end.run_id).not.toBe(run_id);
  const { workflows } = await ask('HANABI_WORKFLOW_LIST', { search: 'count' });
  expect(workflows.map(({ state }) => state).toSorted()).toEqual(['completed', 'continued', 'continued']);
});

it('has children, which it signals and whose failures it hears of', async () => {
  await begin('Parent', 'parent');
  expect(await resultOf('parent')).toMatchObject({ value: ['from the parent', 'end', 'ValueError: attempt 1'] });
});

it('is cancelled with time to tidy up, and its activity with it', async () => {
  await begin('Waits', 'waits');
  await vi.waitFor(async () => {
    const db = await openDb(server.data_dir);
    const row = await db.selectFrom('workflow_activities').select('heartbeat').executeTakeFirst();
    await db.destroy();
    expect(row?.heartbeat).toContain('data');
  }, PATIENCE);
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'waits' });
  expect(await resultOf('waits')).toMatchObject({ state: 'cancelled' });
});

it.each(['worker.workflow', ...EXTRAS])('has what it does ended when %s is taken away', async (permission) => {
  const say = (said: string) =>
    server.desktop.send('PUT', `${DESKTOP_PATHS.admin}/modules/flows/grants`, { permission, said });
  expect((await say('granted')).status).toBe(204);
  const db = await openDb(server.data_dir);
  const expectActivity = (part: object) =>
    vi.waitFor(async () => {
      expect(await db.selectFrom('workflow_activities').selectAll().execute()).toMatchObject([part]);
    }, PATIENCE);
  await begin('Waits', permission);
  await expectActivity({ attempt: 1, heartbeat: expect.stringContaining('data') });
  expect((await say('denied')).status).toBe(204);
  await expectActivity({ failure: expect.stringContaining('HANABI-P002') });
  expect((await say('granted')).status).toBe(204);
  await ask('HANABI_WORKFLOW_CANCEL', { id: permission, terminate: true });
  await db.destroy();
});

it('refuses signals to one whose history is full, and ends it when it would go on', async () => {
  await begin('Approval', 'full');
  expect(await ask('HANABI_WORKFLOW_QUERY', { id: 'full', query: 'words' })).toEqual({ value: [] });
  const db = await openDb(server.data_dir);
  const run = db.updateTable('workflow_runs').where('workflow_id', '=', 'full');
  await run.set({ size_bytes: LIMITS.workflow_history_bytes_max + 1 }).execute();
  await expect(ask('HANABI_WORKFLOW_SIGNAL', { id: 'full', signal: 'say', args: ['end'] })).rejects.toThrow(
    'HANABI-Q018',
  );
  await run.set({ wake_ms: Date.now() }).execute();
  await db.destroy();
  await begin('Greets', 'beside', 'Ada');
  expect(await resultOf('full')).toMatchObject({
    state: 'terminated',
    failure: { message: expect.stringContaining('bytes') },
  });
});

it('notifies no more often than a window may', async () => {
  await begin('Notifies', 'notifies', LIMITS.notifications_per_10s_max + 1);
  expect(await resultOf('notifies')).toMatchObject({ state: 'failed', failure: { type: 'HANABI-Q002' } });
  const notices = await server.desktop.unseenNotices();
  expect(notices.map(({ message }) => Number(message)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: LIMITS.notifications_per_10s_max }, (_, number) => number),
  );
  const [newest, ...others] = notices.map(({ id }) => id);
  await server.desktop.send('POST', `${DESKTOP_PATHS.notices}/seen`, { ids: others });
  expect((await server.desktop.unseenNotices()).map(({ id }) => id)).toEqual([newest]);
  const wrong = await server.desktop.send('POST', `${DESKTOP_PATHS.notices}/seen`, { ids: 'all' });
  expect(wrong.status).toBe(400);
});

it('hears of the time-out of an activity, with its last heartbeat', async () => {
  await begin('TimesOut', 'times-out');
  expect(await resultOf('times-out')).toMatchObject({ value: "START_TO_CLOSE ['asleep']" });
});

it('stays where it is while its code fails, and can be terminated', async () => {
  await begin('Broken', 'broken');
  await vi.waitFor(async () => {
    const { workflows } = await ask('HANABI_WORKFLOW_LIST', { search: 'broken' });
    expect(workflows).toMatchObject([{ state: 'running', events: 1, task_failures: expect.any(Number) }]);
    expect(workflows[0]!.task_failures).toBeGreaterThan(0);
  }, PATIENCE);
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'broken', terminate: true, reason: 'no use' });
  expect(await resultOf('broken')).toMatchObject({ state: 'terminated', failure: { message: 'no use' } });
});

it('fails for good when its code says so, and its id may be used again', async () => {
  await begin('Fails', 'fails-for-good');
  expect(await resultOf('fails-for-good')).toMatchObject({
    state: 'failed',
    failure: { message: 'for good', type: 'Wrong' },
  });
  await begin('Greets', 'fails-for-good', 'again');
  expect(await resultOf('fails-for-good')).toMatchObject({ value: 'Hello, again!' });
});

it('comes again by its cron schedule, knows what it came to before, and ends when it is cancelled', async () => {
  const cronSchedule = '0 3 * * *';
  await ask('HANABI_WORKFLOW_START', { workflow: 'Nightly', id: 'nightly', cronSchedule });
  const db = await openDb(server.data_dir);
  const runs = () =>
    db.selectFrom('workflow_runs').selectAll().where('workflow_id', '=', 'nightly').orderBy('started_ms');
  const night = async (nights: number) => {
    const waiting = (await runs().execute()).at(-1)!;
    expect(waiting).toMatchObject({ status: 'RUNNING', events: 1, cron: cronSchedule });
    expect(new Date(waiting.wake_ms!).toISOString()).toMatch(/T03:00:0/);
    expect(waiting.wake_ms).toBeGreaterThan(Date.now());
    await db.updateTable('workflow_runs').set({ wake_ms: Date.now() }).where('run_id', '=', waiting.run_id).execute();
    // The server is told that there is something to do.
    await begin('Greets', `night ${nights}`, 'Ada');
    await vi.waitFor(async () => expect(await runs().execute()).toHaveLength(nights + 1), PATIENCE);
    const details = await server.desktop.send('GET', `${DESKTOP_PATHS.workflows}/${waiting.run_id}`);
    expect(await details.json()).toMatchObject({ value: nights, summary: { state: 'completed', cron: cronSchedule } });
  };
  await night(1);
  await night(2);
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'nightly' });
  // It had nothing to tidy up, and came to its end at once.
  expect(await resultOf('nightly')).toMatchObject({ state: 'completed', value: 3 });
  expect(await runs().execute()).toHaveLength(3);
  await db.destroy();
  const wrong = { workflow: 'Nightly', id: 'wrong', cronSchedule: 'whenever' };
  await expect(ask('HANABI_WORKFLOW_START', wrong)).rejects.toThrow('HANABI-V002');
});

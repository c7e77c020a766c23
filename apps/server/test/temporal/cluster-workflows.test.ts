/** Workflows of modules on a Temporal cluster: a real server with real sandboxes, and a small cluster that speaks Temporal’s protocol. */
import {
  DESKTOP_PATHS,
  type Launch,
  LIMITS,
  type Results,
  type UserWorkflows,
  type WorkflowDetails,
} from '@hanabi/protocol';
import { bridgeFolder, loadBridge } from '@hanabi/sandbox';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { serveGrpc } from '../../../../packages/sandbox/test/temporal/grpc-server.ts';
import { SmallCluster } from '../../../../packages/sandbox/test/temporal/small-cluster.ts';
import { KillableServer } from '../harness/killable-server.ts';
import { workflowModule } from '../harness/workflow-module.ts';

const PROGRAM = `
import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

SHORT = dict(start_to_close_timeout=timedelta(seconds=20))
ONCE = RetryPolicy(maximum_attempts=1)


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name} of {activity.info().workflow_id}!"


@activity.defn
async def sleeps() -> str:
    activity.heartbeat("asleep")
    await asyncio.sleep(600)
    return "slept"


@workflow.defn
class Greets:
    @workflow.run
    async def run(self, name: str) -> str:
        await asyncio.sleep(0.01)
        return await workflow.execute_activity(greet, name, **SHORT)


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
        if count < 3:
            workflow.continue_as_new(count + 1)
        return count


@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> list[str]:
        child = await workflow.start_child_workflow(Approval.run, id="the-child")
        await child.signal(Approval.say, "from the parent")
        await workflow.get_external_workflow_handle("the-child").signal(Approval.say, "end")
        return [child.id, workflow.info().workflow_id, *await child]


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(sleeps, heartbeat_timeout=timedelta(seconds=30), **SHORT)


@workflow.defn
class Notifies:
    @workflow.run
    async def run(self) -> dict:
        return await workflow.execute_activity("HANABI_NOTIFY", {"message": "hello"}, retry_policy=ONCE, **SHORT)


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        raise ApplicationError("for good", type="Wrong")


@workflow.defn
class Reaches:
    """Names what is another module's, as far as its code can."""

    @workflow.run
    async def run(self, name: str) -> str:
        await workflow.get_external_workflow_handle(name).signal("say", "end")
        return "reached"
`;

const bridge = loadBridge(bridgeFolder(process.env));
const PATIENCE = { timeout: 25_000, interval: 50 };

let cluster: SmallCluster;
let grpc: Awaited<ReturnType<typeof serveGrpc>>;
let server: KillableServer;
let launch: Launch;
/** What the cluster counts the next times that it is asked, instead of what there is. */
const counts: number[] = [];

beforeAll(async () => {
  cluster = new SmallCluster(bridge);
  const answers = cluster.answers();
  grpc = await serveGrpc(bridgeFolder(process.env), bridge, {
    ...answers,
    CountWorkflowExecutions: (...request) =>
      counts.length > 0 ? { count: counts.shift() } : answers['CountWorkflowExecutions']!(...request),
  });
  const { env, prepare } = await workflowModule('flows', PROGRAM, ['notifications']);
  server = await KillableServer.start({
    env: { ...env, HANABI_WORKFLOW_ENGINE: `temporal://${grpc.target}/office` },
    prepare,
  });
  launch = await server.desktop.launch('flows');
}, 60_000);

afterAll(async () => {
  await server.stop();
  cluster.close();
  grpc.close();
});

async function ask<Type extends keyof Results>(type: Type, payload: object): Promise<Results[Type]> {
  const answer = await server.desktop.ask(launch, type, payload);
  if (!answer.ok) throw new Error(`${answer.error.code} ${answer.error.message}`);
  return answer.data as Results[Type];
}
const begin = (workflow: string, id: string, ...args: unknown[]) =>
  ask('HANABI_WORKFLOW_START', { workflow, id, args });
const resultOf = (id: string) => ask('HANABI_WORKFLOW_RESULT', { id });
const path = DESKTOP_PATHS.workflows;
const runNamed = (id: string) => cluster.runs.findLast(({ start }) => String(start['workflowId']).endsWith(`/${id}`))!;

async function detailsOf(run_id: string): Promise<WorkflowDetails> {
  return (await (await server.desktop.send('GET', `${path}/${run_id}`)).json()) as WorkflowDetails;
}

it('runs activities as sealed jobs, under an id that names its owner to the cluster and not to its code', async () => {
  const { run_id } = await begin('Greets', 'greets', 'Ada');
  expect(await resultOf('greets')).toEqual({
    run_id,
    state: 'completed',
    value: 'Hello, Ada of greets!',
    failure: null,
  });
  expect(runNamed('greets').start).toMatchObject({
    workflowId: expect.stringMatching(/^hanabi\/[\w-]{22}\/flows\/greets$/),
    taskQueue: { name: 'hanabi/flows' },
  });
  const { summary, value, events } = await detailsOf(run_id);
  expect({ summary, value }).toMatchObject({
    summary: { id: 'greets', state: 'completed' },
    value: 'Hello, Ada of greets!',
  });
  expect(events.map(({ type, name }) => `${type} ${name}`.trim())).toEqual([
    'WORKFLOW_EXECUTION_COMPLETED',
    'ACTIVITY_TASK_COMPLETED',
    'ACTIVITY_TASK_STARTED',
    'ACTIVITY_TASK_SCHEDULED greet',
    'TIMER_FIRED 1',
    'TIMER_STARTED 1',
    'WORKFLOW_EXECUTION_STARTED Greets',
  ]);
  expect(events.find(({ type }) => type === 'ACTIVITY_TASK_COMPLETED')?.detail).toBe('"Hello, Ada of greets!"');
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
  expect(await ask('HANABI_WORKFLOW_UPDATE', { id: 'approval', update: 'add', args: [''] })).toMatchObject({
    state: 'failed',
    failure: { message: 'nothing was said' },
  });
  const query = { id: 'approval', query: 'words' };
  expect(await ask('HANABI_WORKFLOW_QUERY', query)).toEqual({ value: ['one', 'two'] });
  await expect(ask('HANABI_WORKFLOW_QUERY', { id: 'approval', query: 'nothing' })).rejects.toThrow('HANABI-W031');
  await expect(begin('Approval', 'approval')).rejects.toThrow('HANABI-W030');
  await say('end');
  expect(await resultOf('approval')).toMatchObject({ state: 'completed', value: ['one', 'two', 'end'] });
  await expect(say('too late')).rejects.toThrow('HANABI-W029');
  await expect(resultOf('nobody')).rejects.toThrow('HANABI-W029');
});

it('goes on as new, and its result is that of the last of its chain', async () => {
  await begin('Counts', 'counts', 0);
  expect(await resultOf('counts')).toMatchObject({ state: 'completed', value: 3 });
});

it('has children and others that it knows by its own names', async () => {
  await begin('Parent', 'parent');
  expect(await resultOf('parent')).toMatchObject({
    state: 'completed',
    value: ['the-child', 'parent', 'from the parent', 'end'],
  });
  expect(runNamed('the-child').start['workflowId']).toBe(
    String(runNamed('parent').start['workflowId']).replace('parent', 'the-child'),
  );
});

it('begins a child when its user has room for it', async () => {
  counts.push(LIMITS.workflows_per_user_max - 1, LIMITS.workflows_per_user_max);
  await begin('Parent', 'crowded');
  expect(await resultOf('crowded')).toMatchObject({ state: 'completed' });
  const failed = runNamed('crowded').events.filter(({ eventType }) => String(eventType).endsWith('_TASK_FAILED'));
  expect(failed).toMatchObject([
    { workflowTaskFailedEventAttributes: { failure: { applicationFailureInfo: { type: 'HANABI-Q016' } } } },
  ]);
});

it('reaches nobody else, whatever name its code says', async () => {
  const foreign = 'hanabi/somebody/else/approval';
  await begin('Reaches', 'reaches', foreign);
  await vi.waitFor(() => {
    const asked = runNamed('reaches').events.find(({ eventType }) => String(eventType).includes('SIGNAL_EXTERNAL'));
    const attributes = Object.values(asked ?? {}).at(-1) as { workflowExecution?: { workflowId?: string } };
    expect(attributes?.workflowExecution?.workflowId).toBe(
      String(runNamed('reaches').start['workflowId']).replace(/reaches$/, foreign),
    );
  }, PATIENCE);
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'reaches', terminate: true });
});

it('has what the server does itself checked like a page’s wish', async () => {
  await begin('Notifies', 'notifies');
  expect(await resultOf('notifies')).toMatchObject({ state: 'completed', value: { ok: true } });
});

it('is cancelled, and its activity with it; and terminated', async () => {
  await begin('Waits', 'waits');
  await vi.waitFor(async () => {
    const { activities } = await detailsOf(runNamed('waits').runId);
    expect(activities).toMatchObject([{ name: 'sleeps', attempt: 1 }]);
  }, PATIENCE);
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'waits' });
  expect(await resultOf('waits')).toMatchObject({ state: 'cancelled' });
  await begin('Approval', 'ended');
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'ended', terminate: true, reason: 'enough' });
  expect(await resultOf('ended')).toMatchObject({ state: 'terminated', failure: { message: 'enough' } });
});

it('says what it failed with', async () => {
  await begin('Fails', 'fails');
  expect(await resultOf('fails')).toMatchObject({ state: 'failed', failure: { message: 'for good', type: 'Wrong' } });
});

it('is listed to its user, and to nobody else', async () => {
  await begin('Greets', 'my-first', 'Ada');
  await resultOf('my-first');
  await begin('Approval', 'my-second');
  const idsOf = async (wish: object) =>
    (await ask('HANABI_WORKFLOW_LIST', { search: 'MY-', ...wish })).workflows.map(({ id }) => id);
  expect(await idsOf({})).toEqual(['my-second', 'my-first']);
  expect(await idsOf({ state: 'running' })).toEqual(['my-second']);
  // Somebody else’s, which the cluster should not have listed.
  const own = runNamed('my-first');
  const foreign = Object.assign(Object.create(own) as typeof own, {
    start: { ...own.start, workflowId: 'hanabi/somebody/flows/my-third' },
    runId: '00000000-0000-4000-8000-000000000000',
  });
  cluster.alwaysListed.push(foreign);
  try {
    expect(await idsOf({})).toEqual(['my-second', 'my-first']);
    expect((await server.desktop.send('GET', `${path}/${foreign.runId}`)).status).toBe(404);
    const all = (await (await server.desktop.send('GET', path)).json()) as UserWorkflows;
    expect(all.workflows.map(({ id }) => id)).toEqual(expect.arrayContaining(['my-first', 'my-second']));
    expect(all.workflows.map(({ id }) => id)).not.toContain('my-third');
  } finally {
    cluster.alwaysListed.splice(0);
  }
  await ask('HANABI_WORKFLOW_CANCEL', { id: 'my-second', terminate: true });
});

it('comes again no more often than a schedule may', async () => {
  const wish = { workflow: 'Greets', id: 'hurries', args: ['Ada'], cronSchedule: '@every 1s' };
  await expect(ask('HANABI_WORKFLOW_START', wish)).rejects.toThrow('HANABI-V002');
});

it('goes on from before an event', async () => {
  await begin('Approval', 'again');
  await ask('HANABI_WORKFLOW_SIGNAL', { id: 'again', signal: 'say', args: ['end'] });
  const { run_id } = await resultOf('again');
  const signalled = (await detailsOf(run_id)).events.find(({ type }) => type === 'WORKFLOW_EXECUTION_SIGNALED');
  const again = await server.desktop.send('POST', `${path}/${run_id}/reset`, { event_id: signalled!.event_id });
  const next = (await again.json()) as { run_id: string };
  expect(next.run_id).not.toBe(run_id);
  const details = await detailsOf(next.run_id);
  expect(details.summary.state).toBe('running');
  await ask('HANABI_WORKFLOW_SIGNAL', { id: 'again', signal: 'say', args: ['end'] });
  expect(await resultOf('again')).toMatchObject({ run_id: next.run_id, state: 'completed' });
});

it('goes on after the server was killed', async () => {
  await begin('Approval', 'survives');
  await ask('HANABI_WORKFLOW_UPDATE', { id: 'survives', update: 'add', args: ['before'] });
  await server.killAndRestart();
  launch = await server.desktop.launch('flows');
  await ask('HANABI_WORKFLOW_SIGNAL', { id: 'survives', signal: 'say', args: ['end'] });
  await vi.waitFor(async () => {
    expect(await resultOf('survives')).toMatchObject({ state: 'completed', value: ['before', 'end'] });
  }, PATIENCE);
});

it('says so while there is no cluster, and the rest of the server works', async () => {
  const { env, prepare } = await workflowModule('flows', PROGRAM);
  const without = await KillableServer.start({
    env: { ...env, HANABI_WORKFLOW_ENGINE: 'temporal://127.0.0.1:1', HANABI_TEMPORAL_BRIDGE: '/nowhere' },
    prepare,
  });
  try {
    const opened = await without.desktop.launch('flows');
    const wish = { workflow: 'Greets', args: ['Ada'] };
    expect(await without.desktop.ask(opened, 'HANABI_WORKFLOW_START', wish)).toMatchObject({
      ok: false,
      error: { code: 'HANABI-W032', message: expect.stringContaining('not installed') },
    });
    expect((await without.desktop.send('GET', path)).status).toBe(503);
  } finally {
    await without.stop();
  }
});

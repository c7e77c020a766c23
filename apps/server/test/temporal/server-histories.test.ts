/** The oracle of the server: histories as it gives them away, played again by Temporal's own state machines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESKTOP_PATHS, type UserWorkflows, WORKER_TIERS } from '@hanabi/protocol';
import { bridgeFolder, createSandbox, type Fields, loadBridge, replayHistory, WorkflowProcess } from '@hanabi/sandbox';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Desktop } from '../harness/desktop.ts';
import { type RunningServer, startServer } from '../harness/start-server.ts';
import { workflowModule } from '../harness/workflow-module.ts';

const PROGRAM = `
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

SHORT = dict(start_to_close_timeout=timedelta(seconds=30))
ONCE = RetryPolicy(maximum_attempts=1)


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@activity.defn
async def flaky() -> int:
    if activity.info().attempt < 2:
        raise ValueError("not yet")
    return activity.info().attempt


@activity.defn
async def hopeless() -> None:
    raise ApplicationError("never", {"a": 1}, type="Never", non_retryable=True)


@activity.defn
async def endless() -> None:
    while True:
        activity.heartbeat("still here")
        await asyncio.sleep(0.05)


@workflow.defn
class Activities:
    @workflow.run
    async def run(self) -> list:
        soon = RetryPolicy(initial_interval=timedelta(milliseconds=10))
        got = [await workflow.execute_activity(flaky, retry_policy=soon, **SHORT)]
        got += await asyncio.gather(*[workflow.start_activity(greet, each, **SHORT) for each in "ab"])
        got.append(await workflow.execute_local_activity(greet, "local", **SHORT))
        try:
            await workflow.execute_activity(hopeless, **SHORT)
        except ActivityError as error:
            got.append(error.cause.type)
        task = workflow.start_activity(endless, retry_policy=ONCE, **SHORT)
        await asyncio.sleep(0.05)
        task.cancel()
        try:
            await task
        except ActivityError as error:
            got.append(type(error.cause).__name__)
        return got


@workflow.defn
class Timers:
    @workflow.run
    async def run(self) -> bool:
        late = asyncio.create_task(asyncio.sleep(1000))
        await workflow.sleep(0.01)
        late.cancel()
        workflow.upsert_memo({"note": {"a": [1, None]}})
        if workflow.patched("new way"):
            await asyncio.sleep(0.01)
        return workflow.patched("new way")


@workflow.defn
class Messages:
    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: "end" in self.heard and workflow.all_handlers_finished())
        return self.heard

    @workflow.signal
    async def say(self, word: str) -> None:
        self.heard.append(await workflow.execute_activity(greet, word, **SHORT))

    @workflow.signal
    def end(self) -> None:
        self.heard.append("end")

    @workflow.update
    async def add(self, word: str) -> int:
        await asyncio.sleep(0.01)
        self.heard.append(word)
        return len(self.heard)

    @add.validator
    def check(self, word: str) -> None:
        if not word:
            raise ValueError("empty")


@workflow.defn
class Child:
    @workflow.run
    async def run(self, how: str) -> str:
        if how == "fails":
            raise ApplicationError("the child failed")
        if how == "waits":
            await workflow.wait_condition(lambda: False)
        return how


@workflow.defn
class Children:
    @workflow.run
    async def run(self) -> list:
        got = [await workflow.execute_child_workflow(Child.run, "ends", id="ends")]
        try:
            await workflow.execute_child_workflow(Child.run, "fails", id="fails")
        except Exception as error:
            got.append(type(error).__name__)
        child = await workflow.start_child_workflow(Child.run, "waits", id="waits")
        child.cancel()
        try:
            await child
        except Exception as error:
            got.append(type(error).__name__)
        return got


@workflow.defn
class GoesOn:
    @workflow.run
    async def run(self, count: int) -> int:
        await asyncio.sleep(0.01)
        if count < 2:
            workflow.continue_as_new(count + 1)
        return count


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        await asyncio.sleep(0.01)
        raise ApplicationError("gave up", type="GaveUp")
`;
/** What must have come about, or it proves nothing. */
const LEAVES = [
  'ACTIVITY_TASK_CANCEL_REQUESTED',
  'ACTIVITY_TASK_COMPLETED',
  'ACTIVITY_TASK_FAILED',
  'CHILD_WORKFLOW_EXECUTION_CANCELED',
  'CHILD_WORKFLOW_EXECUTION_COMPLETED',
  'CHILD_WORKFLOW_EXECUTION_FAILED',
  'MARKER_RECORDED',
  'TIMER_CANCELED',
  'TIMER_FIRED',
  'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
  'WORKFLOW_EXECUTION_FAILED',
  'WORKFLOW_EXECUTION_SIGNALED',
  'WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
  'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
  'WORKFLOW_PROPERTIES_MODIFIED',
];
const bridge = loadBridge(bridgeFolder(process.env));
const PATIENCE = { timeout: 40_000, interval: 100 };

let server: RunningServer;
let desktop: Desktop;
let workDir: string;
let code: WorkflowProcess;
let closeSandbox: () => Promise<void>;

beforeAll(async () => {
  const module = await workflowModule('oracle', PROGRAM);
  server = await startServer(module);
  desktop = await Desktop.signIn(server.url);
  workDir = await mkdtemp(join(tmpdir(), 'hanabi-oracle-'));
  const sandbox = await createSandbox({ backend: 'bubblewrap', work_dir: workDir, jobs_max: 1 });
  closeSandbox = () => sandbox.close();
  const spec = { id: 'oracle', profile: 'workflow' as const, entry: 'workflow/main.py', limits: WORKER_TIERS.standard };
  const session = await sandbox.openService(
    { ...spec, module_dir: module.env.HANABI_MODULE_DIRS },
    new AbortController().signal,
  );
  code = new WorkflowProcess(session, 20_000);
}, 60_000);
afterAll(async () => {
  await code.close();
  await closeSandbox();
  await server.stop();
  await rm(workDir, { recursive: true });
});

/** All runs, when each has ended. */
async function endedRuns(): Promise<UserWorkflows['workflows']> {
  let runs: UserWorkflows['workflows'] = [];
  await vi.waitFor(async () => {
    const answer = await desktop.send('GET', DESKTOP_PATHS.workflows);
    runs = ((await answer.json()) as UserWorkflows).workflows;
    expect(runs.filter(({ state }) => state === 'running').map(({ id }) => id)).toEqual([]);
  }, PATIENCE);
  return runs;
}

async function download(run_id: string): Promise<Fields[]> {
  const answer = await desktop.send('GET', `${DESKTOP_PATHS.workflows}/${run_id}/history`);
  return ((await answer.json()) as { events: Fields[] }).events;
}

/** Texts of time as protobuf's JavaScript objects have them. */
function withTimes(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => withTimes(each));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTimes(each, key)]));
  }
  if (typeof value !== 'string') return value;
  const isDuration = /^-?\d+(?:\.\d+)?s$/.test(value) && /(?:Timeout|Interval|Backoff|Delay)$/.test(name);
  if (isDuration) return wire(Number.parseFloat(value) * 1000);
  return name.endsWith('Time') && /^\d{4}-.*Z$/.test(value) ? wire(Date.parse(value)) : value;
}

function wire(time_ms: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(time_ms / 1000);
  return { seconds, nanos: Math.round((time_ms - seconds * 1000) * 1e6) };
}

const replayed = (id: string, events: readonly Fields[]) =>
  replayHistory(bridge, { workflowId: id, events: withTimes(events) as Fields[] }, (activation) =>
    code.activate(activation),
  );

it('Temporal finds the histories of the server deterministic, and one that was changed not', async () => {
  const launch = await desktop.launch('oracle');
  const start = (workflow: string, ...args: unknown[]) =>
    desktop.ask(launch, 'HANABI_WORKFLOW_START', { workflow, id: workflow, args });
  await Promise.all(['Activities', 'Timers', 'Messages', 'Children', 'Fails'].map((name) => start(name)));
  await start('GoesOn', 1);
  const id = 'Messages';
  await desktop.ask(launch, 'HANABI_WORKFLOW_SIGNAL', { id, signal: 'say', args: ['Ada'] });
  await desktop.ask(launch, 'HANABI_WORKFLOW_UPDATE', { id, update: 'add', args: ['word'] });
  await desktop.ask(launch, 'HANABI_WORKFLOW_UPDATE', { id, update: 'add', args: [''] });
  await desktop.ask(launch, 'HANABI_WORKFLOW_SIGNAL', { id, signal: 'end', args: [] });

  const kinds = new Set<string>();
  let changed: Fields[] = [];
  for (const run of await endedRuns()) {
    const events = await download(run.run_id);
    for (const { eventType } of events) kinds.add(String(eventType).replace('EVENT_TYPE_', ''));
    await replayed(run.id, events);
    if (run.id === 'Activities') changed = events;
  }
  expect([...kinds].toSorted()).toEqual(expect.arrayContaining(LEAVES));

  const other = JSON.parse(JSON.stringify(changed).replaceAll('"name":"flaky"', '"name":"other"')) as Fields[];
  await expect(replayed('Activities', other)).rejects.toThrow(/Nondeterminism|does not match/);
});

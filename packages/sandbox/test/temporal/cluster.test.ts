/** Scripts whose workflows run on a Temporal cluster, as `hanabi workflow run` runs them with HANABI_WORKFLOW_ENGINE. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pythonFolder } from '../../src/assets.ts';
import { ScriptSession } from '../../src/workflows/script-session.ts';
import { bridgeFolder, loadBridge } from '../../src/workflows/temporal/bridge.ts';
import { TemporalHost } from '../../src/workflows/temporal/temporal-host.ts';
import { folder } from '../workflow-worker.ts';
import { serveGrpc } from './grpc-server.ts';
import { SmallCluster } from './small-cluster.ts';

const bridge = loadBridge(bridgeFolder(process.env));
const NAMESPACE = 'office';

let cluster: SmallCluster;
let server: Awaited<ReturnType<typeof serveGrpc>>;
let reported: string[];
const children: ChildProcess[] = [];

beforeEach(async () => {
  cluster = new SmallCluster(bridge);
  server = await serveGrpc(bridgeFolder(process.env), bridge, cluster.answers());
  reported = [];
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  cluster.close();
  server.close();
});

const HEAD = `
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, CancelledError, WorkflowAlreadyStartedError
from temporalio.worker import Replayer, Worker
SOON = timedelta(seconds=30)
`;

const TAIL = `
if __name__ == "__main__":
    asyncio.run(main())
`;

/** What the script printed, line by line. */
async function run(name: string, code: string): Promise<string[]> {
  const file = join(folder, `${name}.py`);
  writeFileSync(file, HEAD + code + TAIL);
  const { target } = server;
  const host = await TemporalHost.connect({ target, namespace: NAMESPACE }, (line) => reported.push(line));
  const child = spawn('/usr/bin/python3', ['-P', '-m', 'hanabi_workflow.script', file], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: {
      PYTHONPATH: pythonFolder(),
      PYTHONHASHSEED: '0',
      HANABI_WORKFLOW_FD: '3',
      HANABI_WORKFLOW_NAMESPACE: NAMESPACE,
    },
  });
  children.push(child);
  const session = new ScriptSession(host, child.stdio[3] as Duplex);
  const [printed] = await Promise.all([text(child.stdout!), once(child, 'close')]);
  session.close();
  await host.close();
  return printed.trim().split('\n');
}

const eventsOf = (index = 0) =>
  cluster.runs[index]?.events.map(({ eventType }) => String(eventType).replace('EVENT_TYPE_', ''));

it('workflows wait, call activities and end there', async () => {
  const printed = await run(
    'steps',
    `
@activity.defn
async def pack(what: str) -> str: return f"packed {what} of {activity.info().workflow_id} in {activity.info().workflow_namespace}"

@activity.defn
async def count(what: str) -> int: return len(what)

@workflow.defn
class Ship:
    @workflow.run
    async def run(self, what: str) -> list:
        await asyncio.sleep(0.01)
        local = await workflow.execute_local_activity(count, what, start_to_close_timeout=SOON)
        return [local, workflow.patched("new"), await workflow.execute_activity(pack, what, start_to_close_timeout=SOON)]

@workflow.defn
class Fails:
    @workflow.run
    async def run(self): raise ApplicationError("no", type="No")

async def main():
    client = await Client.connect("anywhere")
    async with Worker(client, task_queue="q", workflows=[Ship, Fails], activities=[pack, count]):
        handle = await client.start_workflow(Ship.run, "a book", id="one", task_queue="q", memo={"a": 1})
        print(await handle.result())
        print((await handle.describe()).status.name, await (await handle.describe()).memo())
        try: await client.execute_workflow(Fails.run, id="two", task_queue="q")
        except WorkflowFailureError as error: print(error.cause.type, error.cause.message)
        print([f"{each.id} {each.status.name}" async for each in client.list_workflows()])
        await Replayer(workflows=[Ship]).replay_workflow(await handle.fetch_history())
        print("replayed")
`,
  );
  expect(printed).toEqual([
    "[6, True, 'packed a book of one in office']",
    "COMPLETED {'a': 1}",
    'No no',
    "['one COMPLETED', 'two FAILED']",
    'replayed',
  ]);
  expect(eventsOf()).toEqual(expect.arrayContaining(['TIMER_FIRED', 'MARKER_RECORDED', 'ACTIVITY_TASK_COMPLETED']));
  expect(reported).toEqual([]);
});

it('they hear signals, queries and updates', async () => {
  const printed = await run(
    'talks',
    `
@workflow.defn
class Talks:
    def __init__(self): self.heard = []
    @workflow.run
    async def run(self) -> list:
        await workflow.wait_condition(lambda: "end" in self.heard)
        return self.heard
    @workflow.signal
    def say(self, word: str): self.heard.append(word)
    @workflow.query
    def words(self) -> list: return self.heard
    @workflow.update
    async def add(self, word: str) -> int:
        await asyncio.sleep(0.01)
        self.heard.append(word)
        return len(self.heard)
    @add.validator
    def check(self, word: str):
        if not word: raise ValueError("empty")

async def main():
    client = await Client.connect("anywhere")
    async with Worker(client, task_queue="q", workflows=[Talks]):
        handle = await client.start_workflow(Talks.run, id="t", task_queue="q", start_signal="say", start_signal_args=["first"])
        print(await handle.execute_update(Talks.add, "updated"))
        try: await handle.execute_update(Talks.add, "")
        except WorkflowUpdateFailedError as error: print(error.cause)
        print(await handle.query(Talks.words))
        try: await handle.query("unknown")
        except WorkflowQueryFailedError as error: print(error)
        try: await client.start_workflow(Talks.run, id="t", task_queue="q")
        except WorkflowAlreadyStartedError: print("already started")
        await handle.signal(Talks.say, "end")
        print(await handle.result())
`,
  );
  expect(printed).toEqual([
    '2',
    'ValueError: empty',
    "['first', 'updated']",
    "Query handler for 'unknown' expected but not found, known queries: [words]",
    'already started',
    "['first', 'updated', 'end']",
  ]);
});

it('cancellation reaches workflows and, by their heartbeats, activities', async () => {
  const printed = await run(
    'cancels',
    `
begun = []

@activity.defn
async def endless():
    begun.append(activity.info().workflow_id)
    try:
        while True:
            activity.heartbeat("still here")
            await asyncio.sleep(0.01)
    except asyncio.CancelledError:
        print("told:", [reason for reason, true in vars(activity.cancellation_details()).items() if true])
        raise

@workflow.defn
class Waits:
    @workflow.run
    async def run(self):
        await workflow.execute_activity(endless, start_to_close_timeout=SOON, heartbeat_timeout=timedelta(milliseconds=100),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)

@workflow.defn
class GoesOn:
    @workflow.run
    async def run(self, left: int) -> str:
        if left: workflow.continue_as_new(left - 1)
        return "the last"

async def main():
    client = await Client.connect("anywhere")
    async with Worker(client, task_queue="q", workflows=[Waits, GoesOn], activities=[endless]):
        handle = await client.start_workflow(Waits.run, id="c", task_queue="q")
        while begun != ["c"]: await asyncio.sleep(0.01)
        await handle.cancel()
        try: await handle.result()
        except WorkflowFailureError as error: print(type(error.cause).__name__)
        other = await client.start_workflow(Waits.run, id="d", task_queue="q")
        while begun != ["c", "d"]: await asyncio.sleep(0.01)
        await other.terminate(reason="enough")
        try: await other.result()
        except WorkflowFailureError as error: print(error.cause)
        print(await client.execute_workflow(GoesOn.run, 2, id="e", task_queue="q"))
`,
  );
  expect(printed.sort()).toEqual([
    'CancelledError',
    'enough',
    'the last',
    "told: ['cancel_requested']",
    "told: ['not_found']",
  ]);
  expect(eventsOf()).toEqual(
    expect.arrayContaining(['ACTIVITY_TASK_CANCEL_REQUESTED', 'ACTIVITY_TASK_CANCELED', 'WORKFLOW_EXECUTION_CANCELED']),
  );
});

it('they have children, which hear from them and end', async () => {
  const printed = await run(
    'families',
    `
@workflow.defn
class Child:
    word = None
    @workflow.run
    async def run(self, how: str) -> str:
        await workflow.wait_condition(lambda: self.word)
        if how == "fails": raise ApplicationError("the child failed")
        return f"{self.word} to {workflow.info().workflow_id}"
    @workflow.signal
    def say(self, word: str): self.word = word

@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> list:
        got = []
        for how in ("ends", "fails"):
            child = await workflow.start_child_workflow(Child.run, how, id=how)
            await child.signal(Child.say, "hello")
            try: got.append(await child)
            except Exception as error: got.append(f"{type(error).__name__} {error.cause}")
        waits = await workflow.start_child_workflow(Child.run, "waits", id="waits",
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
        waits.cancel()
        try: await waits
        except Exception as error: got.append(f"{type(error).__name__} {type(error.cause).__name__}")
        other = await workflow.start_child_workflow(Child.run, "other", id="other")
        await workflow.get_external_workflow_handle("other").cancel()
        try: await other
        except Exception as error: got.append(type(error.cause).__name__)
        return got

async def main():
    client = await Client.connect("anywhere")
    async with Worker(client, task_queue="q", workflows=[Parent, Child]):
        for each in await client.execute_workflow(Parent.run, id="p", task_queue="q"): print(each)
`,
  );
  expect(printed).toEqual([
    'hello to ends',
    'ChildWorkflowError the child failed',
    'ChildWorkflowError CancelledError',
    'CancelledError',
  ]);
});

it('activities are completed by others, and code that fails keeps its workflow', async () => {
  const printed = await run(
    'others',
    `
tokens = []

@activity.defn
async def later() -> str:
    tokens.append(activity.info().task_token)
    activity.raise_complete_async()

@workflow.defn
class Asks:
    @workflow.run
    async def run(self) -> list:
        first = await workflow.execute_activity(later, start_to_close_timeout=SOON)
        return [first, await workflow.execute_activity(later, start_to_close_timeout=SOON, activity_id="second")]

@workflow.defn
class Broken:
    @workflow.run
    async def run(self): raise ValueError("a mistake")

async def main():
    client = await Client.connect("anywhere")
    async with Worker(client, task_queue="q", workflows=[Asks, Broken], activities=[later]):
        handle = await client.start_workflow(Asks.run, id="a", task_queue="q")
        while not tokens: await asyncio.sleep(0.01)
        other = client.get_async_activity_handle(task_token=tokens[0])
        await other.heartbeat("half")
        await other.complete("done by another")
        while len(tokens) < 2: await asyncio.sleep(0.01)
        second = client.get_async_activity_handle(workflow_id="a", activity_id="second")
        await second.heartbeat("nearly")
        await second.complete("and once more")
        print(await handle.result())
        broken = await client.start_workflow(Broken.run, id="b", task_queue="q")
        while (await broken.describe()).status.name == "RUNNING" and (await broken.describe()).history_length < 4:
            await asyncio.sleep(0.01)
        print((await broken.describe()).status.name)
`,
  );
  expect(printed).toEqual(["['done by another', 'and once more']", 'RUNNING']);
  expect(await cluster.taskFailed.promise).toMatchObject({ message: 'a mistake' });
});

const survives = (main: string) => `
import os
@activity.defn
async def die():
    if not os.path.exists(__file__ + ".died"):
        open(__file__ + ".died", "w").close()
        os._exit(1)
    return "alive"

@workflow.defn
class Survives:
    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(0.01)
        try: return await workflow.execute_activity(die, start_to_close_timeout=SOON, retry_policy=RetryPolicy(maximum_attempts=1))
        except Exception: return await workflow.execute_activity(die, start_to_close_timeout=SOON)

async def main():
    client = await Client.connect("anywhere")
    async with Worker(client, task_queue="q", workflows=[Survives], activities=[die]):
        ${main}
`;

it('a worker that is killed leaves its workflow to the next', async () => {
  const start = 'print(await client.execute_workflow(Survives.run, id="s", task_queue="q"))';
  expect(await run('survives', survives(start))).toEqual(['']);
  const again = 'print(await client.get_workflow_handle("s").result())';
  expect(await run('survives', survives(again))).toEqual(['alive']);
});

it('says where nobody answers', async () => {
  server.close();
  const { target } = server;
  await expect(TemporalHost.connect({ target, namespace: NAMESPACE }, () => undefined)).rejects.toThrow(
    `no Temporal cluster answers at ${target}`,
  );
});

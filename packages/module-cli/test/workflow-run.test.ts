/** `hanabi workflow run`, as a process of its own, on a script as Temporal’s Python users write it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleCommandLine } from './harness/bundle.ts';

let bundle: string;
const folder = mkdtempSync(join(tmpdir(), 'hanabi-workflow-run-'));

beforeAll(async () => {
  bundle = await bundleCommandLine('hanabi-workflow-run');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(bundle);
});

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, 'workflow', 'run', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const HELLO = `
import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker


@dataclass
class Order:
    name: str
    count: int


@activity.defn
def pack(order: Order) -> str:
    if order.count < 0:
        raise ApplicationError("cannot pack less than nothing", type="Negative", non_retryable=True)
    return f"{order.count} for {order.name}"


@workflow.defn
class Ship:
    @workflow.run
    async def run(self, order: Order) -> str:
        packed = await workflow.execute_activity(pack, order, start_to_close_timeout=timedelta(seconds=20))
        await asyncio.sleep(0.01)
        return f"shipped {packed}"


async def main() -> None:
    client = await Client.connect("localhost:7233")
    with ThreadPoolExecutor(2) as pool:
        async with Worker(client, task_queue="t", workflows=[Ship], activities=[pack], activity_executor=pool):
            print(await client.execute_workflow(Ship.run, Order(sys.argv[1], 2), id="one", task_queue="t"))
            try:
                await client.execute_workflow(Ship.run, Order("x", -1), id="two", task_queue="t")
            except WorkflowFailureError as error:
                print(type(error.cause).__name__, error.cause.cause.type)
            async for each in client.list_workflows():
                print(each.id, each.status.name)


if __name__ == "__main__":
    asyncio.run(main())
`;

it('runs it unchanged', () => {
  writeFileSync(join(folder, 'hello.py'), HELLO);
  expect(run('hello.py', '--', 'Bob')).toEqual({
    status: 0,
    stdout: 'shipped 2 for Bob\nActivityError Negative\none COMPLETED\ntwo FAILED\n',
    stderr: '',
  });
});

const REPLAYS = `
import asyncio
import sys

from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer, Worker


@workflow.defn(name="Waits")
class Before:
    @workflow.run
    async def run(self) -> None:
        await asyncio.sleep(0.01)


@workflow.defn(name="Waits")
class After:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("calls first"):
            await workflow.start_child_workflow("Other", id="other")
        await asyncio.sleep(0.01)


@workflow.defn(name="Waits")
class Careless:
    @workflow.run
    async def run(self) -> None:
        await workflow.start_child_workflow("Other", id="other")


async def main() -> None:
    client, again = await Client.connect(), await Client.connect()
    async with Worker(again, task_queue="t", workflows=[Before]):
        handle = await client.start_workflow(Before.run, id="w", task_queue="t")
        await handle.result()
    history = WorkflowHistory.from_json("w", (await handle.fetch_history()).to_json())
    for version in (Before, After, Careless):
        result = await Replayer(workflows=[version]).replay_workflow(history, raise_on_replay_failure=False)
        print(version.__name__, result.replay_failure)


if __name__ == "__main__":
    asyncio.run(main())
`;

it('tells whether new code would break the runs that are there', () => {
  writeFileSync(join(folder, 'replays.py'), REPLAYS);
  expect(run('replays.py')).toEqual({
    status: 0,
    stdout: [
      'Before None',
      'After None',
      'Careless Nondeterminism: history has TIMER_STARTED 1 (event 5), but the workflow did ' +
        'START_CHILD_WORKFLOW_EXECUTION_INITIATED Other\n',
    ].join('\n'),
    stderr: '',
  });
});

it('ends as the script does, and says what is wrong with the call', () => {
  writeFileSync(join(folder, 'exits.py'), 'raise SystemExit(3)');
  expect(run('exits.py')).toMatchObject({ status: 3 });
  expect(run('missing.py')).toMatchObject({ status: 2, stderr: expect.stringMatching(/there is no file missing.py/) });
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringMatching(/FILE is missing/) });
});

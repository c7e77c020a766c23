"""New code for runs that are there: patched, then deprecated; and a worker that is shut down and begun again."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Replayer, Worker


@activity.defn
async def before() -> str:
    return "before"


@activity.defn
async def after() -> str:
    return "after"


@workflow.defn(name="Letter")
class First:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(0.05)
        return await workflow.execute_activity(before, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn(name="Letter")
class Second:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(milliseconds=50), summary="a pause")
        chosen = after if workflow.patched("after") else before
        return await workflow.execute_activity(chosen, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn(name="Letter")
class Third:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(0.05)
        workflow.deprecate_patch("after")
        return await workflow.execute_activity(after, start_to_close_timeout=timedelta(seconds=10))


async def finished(client: Client, version: type, id: str):
    async with Worker(client, task_queue="v", workflows=[version], activities=[before, after], max_cached_workflows=10):
        handle = await client.start_workflow("Letter", id=id, task_queue="v")
        print(id, await handle.result())
        return await handle.fetch_history()


async def main() -> None:
    client = await Client.connect("localhost:7233")
    versions = (First, Second, Third)
    histories = [await finished(client, version, version.__name__) for version in versions]
    for version in versions:
        results = [
            await Replayer(workflows=[version]).replay_workflow(history, raise_on_replay_failure=False)
            for history in histories
        ]
        print(version.__name__, [result.replay_failure is None for result in results])


if __name__ == "__main__":
    asyncio.run(main())

# > First before
# > Second after
# > Third after
# > First [True, False, False]
# > Second [True, True, True]
# > Third [False, True, True]

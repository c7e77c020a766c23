"""Workflows of five activities each, a hundred at a time, through the engine of `hanabi workflow run`. Prints a rate."""

import asyncio
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

COUNT = 100


@activity.defn
async def step(n: int) -> int:
    return n + 1


@workflow.defn
class FiveSteps:
    @workflow.run
    async def run(self) -> int:
        value = 0
        for _ in range(5):
            value = await workflow.execute_activity(step, value, start_to_close_timeout=timedelta(seconds=30))
        return value


async def main() -> None:
    client = await Client.connect()
    async with Worker(client, task_queue="q", workflows=[FiveSteps], activities=[step]):
        begun = time.perf_counter()
        runs = [client.execute_workflow(FiveSteps.run, id=f"w{n}", task_queue="q") for n in range(COUNT)]
        assert await asyncio.gather(*runs) == [5] * COUNT
        print(COUNT / (time.perf_counter() - begun))


if __name__ == "__main__":
    asyncio.run(main())

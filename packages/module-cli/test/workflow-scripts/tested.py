"""A script that is a test: an activity by itself, and a workflow with its activity replaced."""

import asyncio
import uuid
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Worker


@activity.defn
async def count_to(limit: int) -> int:
    for number in range(limit):
        activity.heartbeat(number)
    return limit


@workflow.defn
class Counts:
    @workflow.run
    async def run(self, limit: int) -> int:
        await asyncio.sleep(0.01)
        return await workflow.execute_activity(count_to, limit, start_to_close_timeout=timedelta(seconds=5))


async def main() -> None:
    beats: list[int] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = beats.append
    print(await environment.run(count_to, 3), beats, environment.info.activity_type)

    @activity.defn(name="count_to")
    async def mocked(limit: int) -> int:
        return -limit

    async with await WorkflowEnvironment.start_local() as env:
        queue = str(uuid.uuid4())
        async with Worker(env.client, task_queue=queue, workflows=[Counts], activities=[mocked]):
            print(await env.client.execute_workflow(Counts.run, 3, id=str(uuid.uuid4()), task_queue=queue))


if __name__ == "__main__":
    asyncio.run(main())

# > 3 [0, 1, 2] unknown
# > -3

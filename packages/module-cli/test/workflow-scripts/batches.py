"""A long list in portions: children in parallel, a window of them, and on as new before the history gets long."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.worker import Worker

PROGRESS = SearchAttributeKey.for_int("Progress")


@dataclass
class Batch:
    start: int
    end: int
    total: int = 0


@activity.defn
async def square(number: int) -> int:
    return number * number


@workflow.defn
class Portion:
    @workflow.run
    async def run(self, numbers: list[int]) -> int:
        each = [
            workflow.execute_local_activity(square, number, schedule_to_close_timeout=timedelta(seconds=10))
            for number in numbers
        ]
        return sum(await asyncio.gather(*each))


@workflow.defn
class Batches:
    @workflow.run
    async def run(self, batch: Batch) -> int:
        portion = list(range(batch.start, min(batch.start + 4, batch.end)))
        parts = await asyncio.gather(
            workflow.execute_child_workflow(Portion.run, portion[:2], id=f"{workflow.info().workflow_id}/{batch.start}a"),
            workflow.execute_child_workflow(Portion.run, portion[2:], id=f"{workflow.info().workflow_id}/{batch.start}b"),
        )
        batch.total += sum(parts)
        workflow.upsert_search_attributes([PROGRESS.value_set(batch.start)])
        if batch.start + 4 >= batch.end:
            return batch.total
        workflow.continue_as_new(Batch(batch.start + 4, batch.end, batch.total))


async def main() -> None:
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="b", workflows=[Batches, Portion], activities=[square]):
        handle = await client.start_workflow(
            Batches.run,
            Batch(0, 10),
            id="batches",
            task_queue="b",
            memo={"asked_at": datetime(2026, 1, 1, tzinfo=timezone.utc)},
            search_attributes=TypedSearchAttributes([SearchAttributePair(PROGRESS, 0)]),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            execution_timeout=timedelta(minutes=1),
        )
        print(await handle.result())
        description = await client.get_workflow_handle("batches").describe()
        print(await description.memo(), description.typed_search_attributes[PROGRESS])
        try:
            await client.start_workflow(
                Batches.run,
                Batch(0, 1),
                id="batches",
                task_queue="b",
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError as error:
            print(error.workflow_id)
        print(len([each async for each in client.list_workflows()]))


if __name__ == "__main__":
    asyncio.run(main())

# > 285
# > {'asked_at': '2026-01-01T00:00:00+00:00'} 8
# > batches
# > 9

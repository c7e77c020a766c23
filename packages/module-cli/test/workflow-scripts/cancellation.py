"""What is cancelled tidies up: a shielded clean-up, an activity that hears of it, a parent and its child."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError, is_cancelled_exception
from temporalio.worker import Worker


@activity.defn
async def watch() -> None:
    try:
        while True:
            activity.heartbeat()
            await asyncio.sleep(0.005)
    except asyncio.CancelledError:
        print("the activity stops")
        raise


@activity.defn
async def clean_up() -> str:
    return "cleaned"


@workflow.defn
class Child:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


@workflow.defn
class Watcher:
    def __init__(self) -> None:
        self.log: list[str] = []

    @workflow.run
    async def run(self) -> None:
        child = await workflow.start_child_workflow(
            Child.run, id="child", cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED
        )
        try:
            await asyncio.gather(
                child,
                workflow.execute_activity(
                    watch,
                    start_to_close_timeout=timedelta(hours=1),
                    heartbeat_timeout=timedelta(seconds=1),
                    cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                ),
            )
        except BaseException as error:
            self.log.append(f"cancelled: {is_cancelled_exception(error)}")
            self.log.append(
                await asyncio.shield(workflow.execute_activity(clean_up, start_to_close_timeout=timedelta(seconds=10)))
            )
            raise

    @workflow.query
    def what_happened(self) -> list[str]:
        return self.log


async def main() -> None:
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="w", workflows=[Watcher, Child], activities=[watch, clean_up]):
        handle = await client.start_workflow(Watcher.run, id="watcher", task_queue="w")
        child = client.get_workflow_handle("child")
        while not [each async for each in client.list_workflows() if each.id == "child"]:
            await asyncio.sleep(0.005)
        await handle.cancel()
        try:
            await handle.result()
        except WorkflowFailureError as error:
            print(isinstance(error.cause, CancelledError))
        print(await handle.query(Watcher.what_happened))
        print((await handle.describe()).status == WorkflowExecutionStatus.CANCELED, (await child.describe()).status.name)


if __name__ == "__main__":
    asyncio.run(main())

# > the activity stops
# > True
# > ['cancelled: True', 'cleaned']
# > True CANCELED

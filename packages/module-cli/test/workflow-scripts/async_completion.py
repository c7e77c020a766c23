"""Activities that somebody else ends: by their token, or by their name in the workflow."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker


class Greetings:
    def __init__(self, client: Client) -> None:
        self.client = client
        self.tasks: set[asyncio.Task] = set()

    @activity.defn
    async def compose(self, name: str) -> str:
        task = asyncio.create_task(self.complete_later(activity.info().task_token, name))
        self.tasks.add(task)
        activity.raise_complete_async()

    async def complete_later(self, task_token: bytes, name: str) -> None:
        handle = self.client.get_async_activity_handle(task_token=task_token)
        for _ in range(2):
            await handle.heartbeat("working")
            await asyncio.sleep(0.01)
        await handle.complete(f"Hello, {name}!")

    @activity.defn
    async def approve(self) -> str:
        activity.raise_complete_async()


@workflow.defn
class Greet:
    @workflow.run
    async def run(self, name: str) -> list[str]:
        greeting = await workflow.execute_activity_method(
            Greetings.compose, name, start_to_close_timeout=timedelta(seconds=10), heartbeat_timeout=timedelta(seconds=5)
        )
        approved = await workflow.execute_activity_method(
            Greetings.approve,
            activity_id="approval",
            start_to_close_timeout=timedelta(days=3),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        return [greeting, approved]


async def settle(client: Client, workflow_id: str, how: str) -> None:
    handle = client.get_workflow_handle(workflow_id)
    while "approval" not in [each["activityId"] for each in (await handle.describe()).raw["pendingActivities"]]:
        await asyncio.sleep(0.005)
    approval = client.get_async_activity_handle(workflow_id=workflow_id, run_id=None, activity_id="approval")
    if how == "yes":
        await approval.complete("approved")
    else:
        await approval.fail(ApplicationError("not like that"))


async def main() -> None:
    client = await Client.connect("localhost:7233")
    greetings = Greetings(client)
    activities = [greetings.compose, greetings.approve]
    async with Worker(client, task_queue="greet", workflows=[Greet], activities=activities):
        for how in ("yes", "no"):
            handle = await client.start_workflow(Greet.run, "ann", id=f"greet-{how}", task_queue="greet")
            await settle(client, handle.id, how)
            try:
                print(await handle.result())
            except WorkflowFailureError as error:
                print(error.cause.cause)


if __name__ == "__main__":
    asyncio.run(main())

# > ['Hello, ann!', 'approved']
# > not like that

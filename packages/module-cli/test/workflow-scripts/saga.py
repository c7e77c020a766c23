"""A trip is booked step by step; when a step fails, what was done is undone in reverse order."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.worker import Worker

done: list[str] = []


@activity.defn
async def book(what: str) -> str:
    if what == "hotel":
        raise ApplicationError("no room", {"nights": 3}, type="Full", non_retryable=True)
    done.append(f"booked {what}")
    return what


@activity.defn
async def undo(what: str) -> None:
    if activity.info().attempt == 1:
        raise RuntimeError("try again")
    done.append(f"undid {what}")


@workflow.defn
class Trip:
    @workflow.run
    async def run(self, parts: list[str]) -> str:
        compensations: list[str] = []
        quick = RetryPolicy(initial_interval=timedelta(milliseconds=1), non_retryable_error_types=["ValueError"])
        try:
            for part in parts:
                compensations.append(
                    await workflow.execute_activity(
                        book, part, start_to_close_timeout=timedelta(seconds=10), retry_policy=quick
                    )
                )
        except ActivityError as error:
            for part in reversed(compensations):
                await workflow.execute_activity(
                    undo, part, start_to_close_timeout=timedelta(seconds=10), retry_policy=quick
                )
            raise ApplicationError("the trip is off", type="Off", category=None) from error
        return "booked"


async def main() -> None:
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="trips", workflows=[Trip], activities=[book, undo]):
        print(await client.execute_workflow(Trip.run, ["car"], id="short", task_queue="trips"))
        try:
            await client.execute_workflow(Trip.run, ["flight", "car", "hotel"], id="long", task_queue="trips")
        except WorkflowFailureError as error:
            cause: BaseException | None = error
            while isinstance(cause, (WorkflowFailureError, FailureError)):
                print(f"{type(cause).__name__}: {getattr(cause, 'message', cause)}")
                details = getattr(cause, "details", ())
                cause = cause.__cause__
            print(details)
    print(done)


if __name__ == "__main__":
    asyncio.run(main())

# > booked
# > WorkflowFailureError: Workflow execution failed
# > ApplicationError: the trip is off
# > ActivityError: Activity task failed
# > ApplicationError: no room
# > ({'nights': 3},)
# > ['booked car', 'booked flight', 'booked car', 'undid car', 'undid flight']

"""A workflow that comes again by its cron schedule, with what the runs before it came to."""

import asyncio

from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker


@workflow.defn
class Counts:
    @workflow.run
    async def run(self) -> int:
        failure = workflow.get_last_failure()
        if failure is not None:
            workflow.upsert_memo({"failure": str(failure)})
        count = (workflow.get_last_completion_result(int) or 0) + 1
        if count == 2 and failure is None:
            raise ApplicationError("the second fails at first")
        if count == 3:
            await workflow.wait_condition(lambda: False)
        return count


@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> str:
        child = await workflow.start_child_workflow(Counts.run, id="child", cron_schedule="@every 1h")
        child.cancel()
        return f"the child came to {await child} and does not come again"


async def main() -> None:
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="clock", workflows=[Counts, Parent]):
        handle = await client.start_workflow(Counts.run, id="counts", task_queue="clock", cron_schedule="@every 1s")
        while True:
            runs = [run async for run in client.list_workflows("WorkflowId = 'counts'")]
            if len(runs) == 4 and runs[-1].history_length >= 4:
                break
            await asyncio.sleep(0.05)
        print([run.status.name for run in runs])
        closed = await client.count_workflows("WorkflowType = 'Counts' AND CloseTime IS NOT NULL")
        print(closed.count)
        latest = client.get_workflow_handle("counts")
        await latest.terminate(reason="enough")
        try:
            await handle.result()
        except WorkflowFailureError as error:
            print(error.cause)
        print(await client.execute_workflow(Parent.run, id="parent", task_queue="clock"))
        try:
            await client.start_workflow(Counts.run, id="wrong", task_queue="clock", cron_schedule="whenever")
        except Exception as error:
            print(error)


if __name__ == "__main__":
    asyncio.run(main())

# > ['COMPLETED', 'FAILED', 'COMPLETED', 'RUNNING']
# > 3
# > enough
# > the child came to 1 and does not come again
# > "whenever" is no cron schedule, or never comes

"""Several files, some of them shared by all runs, others loaded anew; and a sandbox with rules of its own."""

import asyncio
import dataclasses
from datetime import timedelta

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

with workflow.unsafe.imports_passed_through():
    from parts import shared
    from parts.activities import read_settings

import own_state


@workflow.defn
class Counts:
    @workflow.run
    async def run(self, name: str) -> list:
        own_state.seen.append(name)
        settings = await workflow.execute_activity(read_settings, start_to_close_timeout=timedelta(seconds=10))
        return [own_state.seen, len(shared.TABLE), settings.limit]


async def main() -> None:
    client = await Client.connect("localhost:7233")
    restrictions = dataclasses.replace(
        SandboxRestrictions.default,
        invalid_module_members=SandboxRestrictions.invalid_module_members_default,
    )
    worker = Worker(
        client,
        task_queue="counts",
        workflows=[Counts],
        activities=[read_settings],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions.with_passthrough_modules("json")),
    )
    async with worker:
        for name in ("first", "second"):
            print(await client.execute_workflow(Counts.run, name, id=f"counts-{name}", task_queue="counts"))


if __name__ == "__main__":
    asyncio.run(main())

# > [['first'], 1000, 7]
# > [['second'], 1000, 7]

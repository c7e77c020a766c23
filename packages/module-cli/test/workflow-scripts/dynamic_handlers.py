"""Workflows, activities and messages whose names are known only when they come."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import Worker


@activity.defn(dynamic=True)
async def anything(args: Sequence[RawValue]) -> str:
    first = activity.payload_converter().from_payload(args[0].payload, str)
    return f"{activity.info().activity_type} with {first}"


@workflow.defn(dynamic=True)
class Anything:
    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> list[str]:
        name = workflow.payload_converter().from_payload(args[0].payload, str)
        self.heard.append(
            await workflow.execute_activity(
                f"{workflow.info().workflow_type}-step", name, start_to_close_timeout=timedelta(seconds=10)
            )
        )
        await workflow.wait_condition(lambda: "signal end" in self.heard)
        return self.heard

    @workflow.signal(dynamic=True)
    async def on_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.heard.append(f"signal {name}")

    @workflow.query(dynamic=True)
    def on_query(self, name: str, args: Sequence[RawValue]) -> str:
        return f"{name}: {len(args)} given"

    @workflow.update(dynamic=True)
    async def on_update(self, name: str, args: Sequence[RawValue]) -> int:
        value = workflow.payload_converter().from_payload(args[0].payload, int)
        self.heard.append(f"update {name} {value}")
        return value + 1


async def main() -> None:
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="any", workflows=[Anything], activities=[anything]):
        handle = await client.start_workflow("made-up", "ann", id="dynamic", task_queue="any")
        print(await handle.execute_update("count", 41))
        print(await handle.query("status", args=[1, 2, 3]))
        await handle.signal("end")
        print(sorted(await handle.result()))


if __name__ == "__main__":
    asyncio.run(main())

# > 42
# > status: 3 given
# > ['made-up-step with ann', 'signal end', 'update count 41']

"""Histories of a thousand and of ten thousand events, played again. Prints JSON: microseconds for each event."""

import asyncio
import json
import time

from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

EVENTS_A_TIMER = 5


@workflow.defn
class Sleeps:
    @workflow.run
    async def run(self) -> None:
        while True:
            await asyncio.sleep(1)


def history(size: int) -> WorkflowHistory:
    events: list[dict] = []

    def happened(kind: str, **attributes: object) -> int:
        number = len(events) + 1
        events.append({"eventId": number, "eventTime_ms": number, "eventType": kind, "attributes": attributes})
        return number

    happened("WORKFLOW_EXECUTION_STARTED", runId=f"r{size}", workflowId="w", workflowType={"name": "Sleeps"}, input=[])
    for seq in range(1, size // EVENTS_A_TIMER + 1):
        for kind in ("SCHEDULED", "STARTED", "COMPLETED"):
            happened(f"WORKFLOW_TASK_{kind}")
        started = happened("TIMER_STARTED", timerId=str(seq), startToFireTimeout={"seconds": 1})
        happened("TIMER_FIRED", timerId=str(seq), startedEventId=started)
    return WorkflowHistory("w", events)


async def main() -> None:
    await Client.connect()
    replayer = Replayer(workflows=[Sleeps])
    await replayer.replay_workflow(history(100))
    times = {}
    for size in (1000, 10_000):
        past = history(size)
        begun = time.perf_counter()
        await replayer.replay_workflow(past)
        times[f"replay_{size}"] = (time.perf_counter() - begun) * 1e6 / size
    print(json.dumps(times))


if __name__ == "__main__":
    asyncio.run(main())

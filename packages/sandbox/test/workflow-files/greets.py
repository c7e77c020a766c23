import time
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def greet(name: str) -> str:
    activity.heartbeat("half way")
    return f"Hello, {name}!"


@activity.defn
def waits() -> str:
    try:
        while True:
            activity.heartbeat("waiting")
            time.sleep(0.01)
    finally:
        assert activity.cancellation_details().worker_shutdown


@workflow.defn
class Greets:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(minutes=1))

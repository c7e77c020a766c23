"""One workflow for each file: it waits for a decision, reminds of it, and stamps what was approved."""

import asyncio
import base64
from datetime import timedelta

from temporalio import activity, workflow

QUICK = {"start_to_close_timeout": timedelta(minutes=1)}


@activity.defn
async def wording(name: str, reminders: int) -> str:
    """Runs in a sandbox of its own, like any activity of the module."""
    return f"{name} waits for your decision" + (f" (reminder {reminders})" if reminders else "")


@workflow.defn
class Approval:
    def __init__(self) -> None:
        self.decision: str | None = None
        self.reminders = 0

    @workflow.run
    async def run(self, file_id: str, name: str, reminder_s: float = 86_400) -> str:
        while self.decision is None:
            await self.say(await workflow.execute_activity(wording, args=[name, self.reminders], **QUICK))
            try:
                await workflow.wait_condition(lambda: self.decision is not None, timeout=timedelta(seconds=reminder_s))
            except asyncio.TimeoutError:
                self.reminders += 1
        if self.decision == "yes":
            # What the server does for the page of a module it does for its workflows: here it runs the worker.
            wish = {"options": {"decided": workflow.now().isoformat()}, "inputRefs": [file_id]}
            await workflow.execute_activity("HANABI_CREATE_JOB", wish, **QUICK)
        else:
            note = base64.b64encode(f"{name}: {self.decision}".encode()).decode()
            wish = {"name": f"rejected-{name}.note", "bytesB64": note}
            await workflow.execute_activity("HANABI_WRITE_FILE", wish, **QUICK)
        await self.say(f"{name}: {self.decision}")
        return self.decision

    async def say(self, message: str) -> None:
        await workflow.execute_activity("HANABI_NOTIFY", {"title": "Approval", "message": message}, **QUICK)

    @workflow.signal
    def decide(self, decision: str) -> None:
        self.decision = self.decision or decision

    @workflow.query
    def reminded(self) -> int:
        return self.reminders

"""`temporalio.testing`: an activity by itself, and an environment with a client for tests of workflows."""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import inspect
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from .activity import ActivityCancellationDetails, Context, Info, enter
from .client import Client
from .common import Priority

_EPOCH = datetime.fromtimestamp(0, timezone.utc)


class ActivityEnvironment:
    """Runs activities without a worker. What they find in `activity.info()`, and who hears heartbeats, can be set."""

    def __init__(self, client: Client | None = None) -> None:
        self.info = Info(
            activity_id="test",
            activity_type="unknown",
            attempt=1,
            current_attempt_scheduled_time=_EPOCH,
            heartbeat_details=[],
            heartbeat_timeout=None,
            is_local=False,
            priority=Priority(),
            retry_policy=None,
            schedule_to_close_timeout=timedelta(seconds=1),
            scheduled_time=_EPOCH,
            start_to_close_timeout=timedelta(seconds=1),
            started_time=_EPOCH,
            task_queue="test",
            task_token=b"test",
            workflow_id="test",
            workflow_namespace="default",
            workflow_run_id="test-run",
            workflow_type="test",
        )
        self.on_heartbeat: Callable[..., None] = lambda *details: None
        self._client = client
        self._running: Context | None = None
        self._task: asyncio.Task | None = None

    def run(self, activity: Callable, *args: Any) -> Any:
        """What the activity gives; of a coroutine something to await."""
        context = Context(dataclasses.replace(self.info), self._beat, self._client)
        self._running = context
        inside = contextvars.copy_context()
        inside.run(enter, context)
        if not inspect.iscoroutinefunction(activity):
            return inside.run(activity, *args)
        self._task = inside.run(asyncio.create_task, activity(*args))
        return self._task

    def cancel(self, cancellation_details: ActivityCancellationDetails | None = None) -> None:
        if self._running is not None:
            self._running.cancel(cancellation_details or ActivityCancellationDetails(cancel_requested=True))
        if self._task is not None:
            self._task.cancel()

    def _beat(self, details: Sequence[Any]) -> None:
        self.on_heartbeat(*details)


class WorkflowEnvironment:
    """The engine of this process, with a client. Time passes as it does: there is no skipping of it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @staticmethod
    def from_client(client: Client) -> WorkflowEnvironment:
        return WorkflowEnvironment(client)

    @staticmethod
    async def start_local(*, namespace: str = "default", **_: Any) -> WorkflowEnvironment:
        return WorkflowEnvironment(await Client.connect(namespace=namespace))

    @staticmethod
    async def start_time_skipping(**_: Any) -> WorkflowEnvironment:
        raise RuntimeError("Time cannot be skipped here: use start_local(), and short pauses in tests")

    @property
    def supports_time_skipping(self) -> bool:
        return False

    async def get_current_time(self) -> datetime:
        return datetime.now(timezone.utc)

    async def sleep(self, duration: timedelta | float) -> None:
        await asyncio.sleep(duration.total_seconds() if isinstance(duration, timedelta) else duration)

    async def shutdown(self) -> None:
        """Nothing to end: the engine ends with the script."""

    async def __aenter__(self) -> WorkflowEnvironment:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

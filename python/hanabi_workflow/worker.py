"""`temporalio.worker`: does the work of a task queue for the host."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from .activity_runner import ActivityRunner
from .client import Client
from .environments import SandboxedWorkflowRunner, UnsandboxedWorkflowRunner, WorkflowRunner
from .instance import InstanceOptions
from .workflow_host import WorkflowHost

logger = logging.getLogger("temporalio.worker")

__all__ = ["SandboxedWorkflowRunner", "UnsandboxedWorkflowRunner", "Worker", "WorkflowRunner"]


class Worker:
    """Takes what a Temporal worker takes; how many tasks run at a time is for the host to say."""

    def __init__(
        self,
        client: Client,
        *,
        task_queue: str,
        activities: Sequence[Callable] = (),
        workflows: Sequence[type] = (),
        activity_executor: Executor | None = None,
        workflow_runner: WorkflowRunner | None = None,
        workflow_failure_exception_types: Sequence[type[BaseException]] = (),
        build_id: str | None = None,
        debug_mode: bool = False,
        **_: Any,
    ) -> None:
        if not activities and not workflows:
            raise ValueError("At least one activity or workflow must be specified")
        self._client = client
        self.task_queue = task_queue
        options = InstanceOptions(
            namespace=client.namespace,
            task_queue=task_queue,
            build_id=build_id or "",
            failure_exception_types=tuple(workflow_failure_exception_types),
            deadlock_timeout_s=None if debug_mode else 2.0,
        )
        self._workflows = WorkflowHost(workflows, runner=workflow_runner, options=options)
        self._activities = ActivityRunner(
            activities,
            beat=lambda token, details: client.connection.notify("heartbeat", token=token, details=details),
            executor=activity_executor,
            client=client,
            namespace=client.namespace,
            task_queue=task_queue,
        )
        self._stopped: asyncio.Event | None = None

    @property
    def is_running(self) -> bool:
        return self._stopped is not None and not self._stopped.is_set()

    async def run(self) -> None:
        """Works until shutdown() is called, or this is cancelled."""
        async with self:
            await self._stopped.wait()  # type: ignore[union-attr]

    async def shutdown(self) -> None:
        if self._stopped is not None and not self._stopped.is_set():
            self._stopped.set()
            await self._client.connection.ask("unregister", taskQueue=self.task_queue)

    async def __aenter__(self) -> Worker:
        if self._stopped is not None:
            raise RuntimeError("Already started")
        self._stopped = asyncio.Event()
        work = {f"workflow:{self.task_queue}": self._activate, f"activity:{self.task_queue}": self._run_activity}
        self._client.connection.serve(work, self._activities.cancel)
        await self._client.connection.ask(
            "register", taskQueue=self.task_queue, workflows=self._workflows.names, activities=self._activities.names
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

    async def _activate(self, activation: Mapping[str, Any]) -> dict[str, Any]:
        completion = self._workflows.activate(activation)
        failed = completion.get("failed")
        if failed is not None:
            # Filters of log records know task failures by this name.
            extra = {"__temporal_error_identifier": "WorkflowTaskFailure"}
            failure = failed["failure"]
            message = "Failed activation on workflow with run ID %s: %s\n%s"
            logger.warning(message, activation["runId"], failure.get("message"), failure.get("stackTrace"), extra=extra)
        return completion

    async def _run_activity(self, task: Mapping[str, Any]) -> dict[str, Any]:
        return await self._activities.run(task["token"], task["start"])

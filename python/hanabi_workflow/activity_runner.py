"""Runs one attempt of an activity: a task of the wire in, its result in the shape of the wire out."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from datetime import datetime, timezone
from typing import Any

from .activity import ActivityCancellationDetails, CompleteAsyncError, Context, Info, enter
from .common import Priority, RawValue
from .converter import from_payloads, to_payload, to_payloads
from .definitions import ActivityDefinition
from .exceptions import ApplicationError, CancelledError
from .failures import to_failure
from .initialize import retry_policy_from_wire
from .thread_cancel import ThreadCancel
from .wire_values import duration_from_wire, timestamp_from_wire


class ActivityRunner:
    """The activities of a worker. `beat` takes (task token, payloads) to the host."""

    def __init__(
        self,
        activities: Sequence[Callable],
        *,
        beat: Callable[[str, list[Any]], None],
        executor: Executor | None = None,
        client: Any = None,
        namespace: str = "default",
        task_queue: str = "default",
    ) -> None:
        self._activities: dict[str | None, tuple[ActivityDefinition, Callable]] = {}
        for each in activities:
            definition = ActivityDefinition.of(each)
            if definition.name in self._activities:
                raise ValueError(f"More than one activity named {definition.name}")
            self._activities[definition.name] = definition, each
        self._beat = beat
        self._executor = executor
        self._client = client
        self._namespace = namespace
        self._task_queue = task_queue
        self._running: dict[str, tuple[Context, asyncio.Task | None]] = {}

    @property
    def names(self) -> list[str | None]:
        return list(self._activities)

    def is_running(self, token: str) -> bool:
        return token in self._running

    def cancel(self, token: str, reason: str) -> None:
        """The host wants this attempt to stop."""
        running = self._running.get(token)
        if running is None:
            return
        context, task = running
        if context.cancelled.is_set():
            return  # it is tidying up
        context.cancel(ActivityCancellationDetails(**{reason: True}))
        if task is not None:
            task.cancel()

    async def run(self, token: str, start: Mapping[str, Any]) -> dict[str, Any]:
        """The result: completed, failed, cancelled or willCompleteAsync."""
        context = Context(self._info(token, start), lambda details: self._beat(token, to_payloads(details)), self._client)
        try:
            value = await self._call(token, context, start)
            return {"completed": {"result": to_payload(value)}}
        except CompleteAsyncError:
            return {"willCompleteAsync": {}}
        except (asyncio.CancelledError, CancelledError) as error:
            if context.cancelled.is_set():
                return {"cancelled": {"failure": to_failure(CancelledError("Cancelled"))}}
            return {"failed": {"failure": to_failure(error)}}
        except Exception as error:
            return {"failed": {"failure": to_failure(error)}}
        finally:
            self._running.pop(token, None)

    async def _call(self, token: str, context: Context, start: Mapping[str, Any]) -> Any:
        name = start["activityType"]
        definition, function = self._activities.get(name) or self._activities.get(None) or (None, None)
        if definition is None or function is None:
            known = ", ".join(sorted(each for each in self._activities if each))
            message = f"Activity function {name} is not registered on this worker, available activities: {known}"
            raise ApplicationError(message, type="NotFoundError")
        payloads = start.get("input") or ()
        if definition.name is None:
            arguments: list[Any] = [[RawValue(payload) for payload in payloads]]
        else:
            arguments = from_payloads(payloads, definition.hints.arguments)
        if not definition.is_async:
            if definition.raises_in_thread:
                context.thread = ThreadCancel()
            self._running[token] = context, None
            return await asyncio.get_running_loop().run_in_executor(
                self._executor, contextvars.copy_context().run, _call_with, context, function, arguments
            )

        async def call() -> Any:
            enter(context)
            return await function(*arguments)

        task = asyncio.get_running_loop().create_task(call())
        self._running[token] = context, task
        return await task

    def _info(self, token: str, start: Mapping[str, Any]) -> Info:
        now = datetime.now(timezone.utc)
        execution = start.get("workflowExecution") or {}
        return Info(
            activity_id=start["activityId"],
            activity_type=start["activityType"],
            attempt=start.get("attempt", 1),
            current_attempt_scheduled_time=timestamp_from_wire(start.get("currentAttemptScheduledTime")) or now,
            heartbeat_details=from_payloads(start.get("heartbeatDetails") or ()),
            heartbeat_timeout=duration_from_wire(start.get("heartbeatTimeout")),
            is_local=bool(start.get("isLocal")),
            priority=Priority(),
            retry_policy=retry_policy_from_wire(start.get("retryPolicy")),
            schedule_to_close_timeout=duration_from_wire(start.get("scheduleToCloseTimeout")),
            scheduled_time=timestamp_from_wire(start.get("scheduledTime")) or now,
            start_to_close_timeout=duration_from_wire(start.get("startToCloseTimeout")),
            started_time=timestamp_from_wire(start.get("startedTime")) or now,
            task_queue=self._task_queue,
            task_token=token.encode("utf-8"),
            workflow_id=execution.get("workflowId", ""),
            workflow_namespace=self._namespace,
            workflow_run_id=execution.get("runId", ""),
            workflow_type=start.get("workflowType", ""),
        )


def _call_with(context: Context, function: Callable, arguments: list[Any]) -> Any:
    enter(context)
    with nullcontext() if context.thread is None else context.thread.reaching():
        return function(*arguments)

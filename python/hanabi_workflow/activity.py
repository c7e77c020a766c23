"""`temporalio.activity`: functions with effects, which workflows call and the host runs and tries again."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .common import Priority, RetryPolicy
from .converter import PayloadConverter
from .definitions import define_activity
from .thread_cancel import ThreadCancel


@dataclass(frozen=True)
class Info:
    activity_id: str
    activity_type: str
    attempt: int
    current_attempt_scheduled_time: datetime
    heartbeat_details: Sequence[Any]
    heartbeat_timeout: timedelta | None
    is_local: bool
    priority: Priority
    retry_policy: RetryPolicy | None
    schedule_to_close_timeout: timedelta | None
    scheduled_time: datetime
    start_to_close_timeout: timedelta | None
    started_time: datetime
    task_queue: str
    task_token: bytes
    workflow_id: str
    workflow_namespace: str
    workflow_run_id: str
    workflow_type: str


@dataclass(frozen=True)
class ActivityCancellationDetails:
    """Why an activity is to stop."""

    not_found: bool = False
    cancel_requested: bool = False
    paused: bool = False
    timed_out: bool = False
    worker_shutdown: bool = False
    reset: bool = False


class CompleteAsyncError(BaseException):
    """Leaves the activity open: somebody else completes it, by its task token."""


@dataclass
class Context:
    """What one attempt of an activity has around it. `beat` takes details to the host."""

    info: Info
    beat: Callable[[Sequence[Any]], None]
    client: Any = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    cancellation: ActivityCancellationDetails | None = None
    waiting: set[asyncio.Event] = field(default_factory=set)
    # Of a function in a thread that wants to be cancelled by an exception.
    thread: ThreadCancel | None = None

    def cancel(self, details: ActivityCancellationDetails) -> None:
        self.cancellation = details
        self.cancelled.set()
        for event in self.waiting:
            event.set()
        if self.thread is not None:
            self.thread.cancel()


_context: contextvars.ContextVar[Context | None] = contextvars.ContextVar("hanabi_activity", default=None)


def enter(context: Context) -> contextvars.Token:
    return _context.set(context)


def _here() -> Context:
    context = _context.get()
    if context is None:
        raise RuntimeError("Not in activity context")
    return context


def defn(
    fn: Callable | None = None,
    *,
    name: str | None = None,
    no_thread_cancel_exception: bool = False,
    dynamic: bool = False,
) -> Any:
    """Makes a function an activity. `dynamic` takes all types that no other activity of the worker has. Where it runs in a
    thread, it is cancelled by an exception, or with `no_thread_cancel_exception` has to ask is_cancelled()."""
    if dynamic and name is not None:
        raise RuntimeError("Cannot provide name and dynamic boolean")

    def decorate(function: Callable) -> Callable:
        known_as = None if dynamic else name or getattr(function, "__name__", type(function).__name__)
        define_activity(function, known_as, raises_in_thread=not no_thread_cancel_exception)
        return function

    return decorate(fn) if fn is not None else decorate


def in_activity() -> bool:
    return _context.get() is not None


def info() -> Info:
    return _here().info


def payload_converter() -> PayloadConverter:
    return PayloadConverter.default


def client() -> Any:
    return _here().client


def heartbeat(*details: Any) -> None:
    """Says that it is alive, and how far it is: the next attempt finds the details in info().heartbeat_details."""
    _here().beat(details)


def is_cancelled() -> bool:
    return _here().cancelled.is_set()


def is_worker_shutdown() -> bool:
    details = _here().cancellation
    return details is not None and details.worker_shutdown


def cancellation_details() -> ActivityCancellationDetails | None:
    return _here().cancellation


async def wait_for_cancelled() -> None:
    context = _here()
    if context.cancelled.is_set():
        return
    event = asyncio.Event()
    context.waiting.add(event)
    try:
        await event.wait()
    finally:
        context.waiting.discard(event)


def wait_for_cancelled_sync(timeout: timedelta | float | None = None) -> None:
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    _here().cancelled.wait(seconds)


def shield_thread_cancel_exception() -> AbstractContextManager[None]:
    """Inside, an activity in a thread is not cancelled; when it leaves, it is."""
    thread = _here().thread
    return nullcontext() if thread is None else thread.shielded()


def raise_complete_async() -> Any:
    raise CompleteAsyncError


class LoggerAdapter(logging.LoggerAdapter):
    """Says with each message which activity speaks."""

    activity_info_on_message = True
    activity_info_on_extra = True
    full_activity_info_on_extra = False

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        context = _context.get()
        if context is None:
            return msg, kwargs
        about = context.info
        details = {
            "activity_id": about.activity_id,
            "activity_type": about.activity_type,
            "attempt": about.attempt,
            "task_queue": about.task_queue,
            "workflow_id": about.workflow_id,
            "workflow_run_id": about.workflow_run_id,
            "workflow_type": about.workflow_type,
        }
        extra: dict[str, Any] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        if self.activity_info_on_extra:
            extra["temporal_activity"] = details
        return (f"{msg} ({details})" if self.activity_info_on_message else msg), {**kwargs, "extra": extra}

    @property
    def base_logger(self) -> logging.Logger:
        return self.logger


logger = LoggerAdapter(logging.getLogger("temporalio.activity"), {})

"""What a workflow may ask at any time: its clock, its randomness, itself, and when to go on."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import random as random_module
import uuid as uuid_module
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta, timezone
from typing import Any

from .calls import UNSET
from .common import SearchAttributePair, TypedSearchAttributes
from .converter import PayloadConverter, from_payload, to_payload
from .definitions import HandlerDefinition
from .failures import from_failure
from .handlers import current_update
from .info import Info, UpdateInfo
from .outbound import search_attributes_to_wire
from .runtime import current, current_or_none


def info() -> Info:
    return current().info


def instance() -> Any:
    """The object of the workflow class."""
    return current().object


def time() -> float:
    """Seconds since 1970, as the history knows it."""
    return current().clock.now_ns / 1e9


def time_ns() -> int:
    return current().clock.now_ns


def now() -> datetime:
    return datetime.fromtimestamp(time(), timezone.utc)


def random() -> random_module.Random:
    return current().environment.random


def uuid4() -> uuid_module.UUID:
    return current().environment.uuid4()


async def sleep(duration: float | timedelta, *, summary: str | None = None) -> None:
    """Waits for as long as it takes, a year as well as a second: the timer is kept by the host."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    workflow = current()
    workflow.check_effects_allowed()
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    future = workflow.loop.create_future()
    handle = workflow.loop.call_later(seconds, _wake, future)
    if summary:
        workflow.commands[-1]["userMetadata"] = {"summary": to_payload(summary)}
    try:
        await future
    finally:
        handle.cancel()


def _wake(future: asyncio.Future) -> None:
    if not future.done():
        future.set_result(None)


async def wait_condition(
    fn: Callable[[], bool], *, timeout: timedelta | float | None = None, timeout_summary: str | None = None
) -> None:
    """Waits until the condition holds. Raises asyncio.TimeoutError when it did not in time."""
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    await current().wait_condition(fn, seconds)


async def wait(
    fs: Iterable[Any], *, timeout: float | None = None, return_when: str = asyncio.ALL_COMPLETED
) -> tuple[list[Any], list[Any]]:
    """asyncio.wait with lists in the order in which the tasks were given."""
    tasks = list(dict.fromkeys(fs))
    done, pending = await asyncio.wait(tasks, timeout=timeout, return_when=return_when)
    return [task for task in tasks if task in done], [task for task in tasks if task in pending]


def as_completed(fs: Iterable[Awaitable[Any]], *, timeout: float | None = None) -> Iterator[Any]:
    return asyncio.as_completed(list(fs), timeout=timeout)


def payload_converter() -> PayloadConverter:
    return PayloadConverter.default


def patched(id: str) -> bool:
    """Whether this run shall take the new way: yes for new ones, no for those that went the old way in history."""
    return current().patched(id, deprecated=False)


def deprecate_patch(id: str) -> None:
    """Says that no run is left that went the old way."""
    current().patched(id, deprecated=True)


def all_handlers_finished() -> bool:
    return current().handlers.all_finished()


def current_update_info() -> UpdateInfo | None:
    return current_update.get()


def cancellation_reason() -> str | None:
    return current().cancel_reason


def get_current_details() -> str:
    return current().current_details


def set_current_details(details: str) -> None:
    current().current_details = details


def in_workflow() -> bool:
    return current_or_none() is not None


# --- Runs before this one ------------------------------------------------------------------------------------------------


def has_last_completion_result() -> bool:
    return bool(current().last_completion)


def get_last_completion_result(type_hint: type | None = None) -> Any:
    """Of the last run of its cron schedule that completed; None where there is none."""
    payloads = current().last_completion
    return from_payload(payloads[0], type_hint) if payloads else None


def get_last_failure() -> BaseException | None:
    """What the run before this one failed with, where it did."""
    failure = current().last_failure
    return from_failure(failure) if failure else None


# --- Memo and search attributes -----------------------------------------------------------------------------------------


def memo() -> Mapping[str, Any]:
    return {name: from_payload(payload) for name, payload in current().memo.items()}


def memo_value(key: str, default: Any = UNSET, *, type_hint: type | None = None) -> Any:
    payloads = current().memo
    if key not in payloads:
        if default is UNSET:
            raise KeyError(f"Memo does not have a value for key {key}")
        return default
    return from_payload(payloads[key], type_hint)


def upsert_memo(updates: Mapping[str, Any]) -> None:
    """Sets values; None takes a key away."""
    workflow = current()
    payloads = {name: to_payload(value) for name, value in updates.items()}
    workflow.add_command({"modifyWorkflowProperties": {"upsertedMemo": {"fields": payloads}}})
    for name, value in updates.items():
        if value is None:
            workflow.memo.pop(name, None)
        else:
            workflow.memo[name] = payloads[name]


def upsert_search_attributes(attributes: Any) -> None:
    workflow = current()
    wire = search_attributes_to_wire(attributes)
    workflow.add_command({"upsertWorkflowSearchAttributes": {"searchAttributes": wire}})
    known = workflow.info.typed_search_attributes
    plain = dict(workflow.info.search_attributes)
    if isinstance(attributes, Mapping):
        plain.update(attributes)
    else:
        gone = {update.key.name for update in attributes}
        kept = [pair for pair in known if pair.key.name not in gone]
        added = [SearchAttributePair(update.key, update.value) for update in attributes if update.value is not None]
        known = TypedSearchAttributes((*kept, *added))
    workflow.info = dataclasses.replace(workflow.info, typed_search_attributes=known, search_attributes=plain)


# --- Handlers set at run time -------------------------------------------------------------------------------------------


def get_signal_handler(name: str) -> Callable | None:
    return current().handlers.get("signal", name)


def set_signal_handler(name: str, handler: Callable | None) -> None:
    _set("signal", name, handler)


def get_dynamic_signal_handler() -> Callable | None:
    return current().handlers.get("signal", None)


def set_dynamic_signal_handler(handler: Callable | None) -> None:
    _set("signal", None, handler)


def get_query_handler(name: str) -> Callable | None:
    return current().handlers.get("query", name)


def set_query_handler(name: str, handler: Callable | None) -> None:
    _set("query", name, handler)


def get_dynamic_query_handler() -> Callable | None:
    return current().handlers.get("query", None)


def set_dynamic_query_handler(handler: Callable | None) -> None:
    _set("query", None, handler)


def get_update_handler(name: str) -> Callable | None:
    return current().handlers.get("update", name)


def set_update_handler(name: str, handler: Callable | None, *, validator: Callable | None = None) -> None:
    _set("update", name, handler, validator)


def get_dynamic_update_handler() -> Callable | None:
    return current().handlers.get("update", None)


def set_dynamic_update_handler(handler: Callable | None, *, validator: Callable | None = None) -> None:
    _set("update", None, handler, validator)


def _set(kind: str, name: str | None, handler: Callable | None, validator: Callable | None = None) -> None:
    workflow = current()
    workflow.check_effects_allowed()
    definition = None if handler is None else HandlerDefinition(name, handler, False, validator=validator)
    workflow.handlers.set(kind, name, definition)


# --- The log --------------------------------------------------------------------------------------------------------------


class LoggerAdapter(logging.LoggerAdapter):
    """Says nothing while history is replayed, and otherwise which workflow it is that speaks."""

    def __init__(self, logger: logging.Logger, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(logger, extra or {})
        self.workflow_info_on_message = True
        self.workflow_info_on_extra = True
        self.full_workflow_info_on_extra = False
        self.log_during_replay = False
        self.disable_sandbox = False

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        workflow = current_or_none()
        if workflow is None or workflow.info is None:
            return msg, kwargs
        about = workflow.info
        details = {
            "attempt": about.attempt,
            "namespace": about.namespace,
            "run_id": about.run_id,
            "task_queue": about.task_queue,
            "workflow_id": about.workflow_id,
            "workflow_type": about.workflow_type,
        }
        extra: dict[str, Any] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        if self.workflow_info_on_extra:
            extra["temporal_workflow"] = details
        if self.full_workflow_info_on_extra:
            extra["workflow_info"] = about
        message = f"{msg} ({details})" if self.workflow_info_on_message else msg
        return message, {**kwargs, "extra": extra}

    def isEnabledFor(self, level: int) -> bool:
        workflow = current_or_none()
        if workflow is not None and workflow.is_replaying and not self.log_during_replay:
            return False
        return super().isEnabledFor(level)

    @property
    def base_logger(self) -> logging.Logger:
        return self.logger

    def unsafe_disable_sandbox(self, value: bool = True) -> None:
        self.disable_sandbox = value


logger = LoggerAdapter(logging.getLogger("temporalio.workflow"))

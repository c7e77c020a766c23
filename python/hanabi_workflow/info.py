"""`workflow.Info` and its parts: what a run knows of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .common import Priority, RetryPolicy, TypedSearchAttributes


@dataclass(frozen=True)
class ParentInfo:
    namespace: str
    run_id: str
    workflow_id: str


@dataclass(frozen=True)
class RootInfo:
    run_id: str
    workflow_id: str


@dataclass(frozen=True)
class UpdateInfo:
    """The update whose handler is running."""

    id: str
    name: str


@dataclass(frozen=True)
class Info:
    attempt: int
    continued_run_id: str | None
    cron_schedule: str | None
    execution_timeout: timedelta | None
    first_execution_run_id: str
    headers: Mapping[str, Any]
    namespace: str
    parent: ParentInfo | None
    root: RootInfo | None
    priority: Priority
    raw_memo: Mapping[str, Any]
    retry_policy: RetryPolicy | None
    run_id: str
    run_timeout: timedelta | None
    search_attributes: Mapping[str, Sequence[Any]]
    start_time: datetime
    workflow_start_time: datetime
    task_queue: str
    task_timeout: timedelta
    typed_search_attributes: TypedSearchAttributes
    workflow_id: str
    workflow_type: str

    def get_current_build_id(self) -> str:
        return _instance().build_id

    def get_current_history_length(self) -> int:
        """The number of events up to the task that is executing; the same on replay."""
        return _instance().history_length

    def get_current_history_size(self) -> int:
        return _instance().history_size_bytes

    def is_continue_as_new_suggested(self) -> bool:
        return _instance().continue_as_new_suggested


def _instance() -> Any:
    from .runtime import current

    return current()

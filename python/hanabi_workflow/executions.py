"""What a client is told of runs: a line of a list, all that is known of one, its history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from .common import TypedSearchAttributes
from .converter import from_payload
from .initialize import typed_search_attributes
from .wire_values import timestamp_from_wire


class WorkflowExecutionStatus(IntEnum):
    RUNNING = 1
    COMPLETED = 2
    FAILED = 3
    CANCELED = 4
    TERMINATED = 5
    CONTINUED_AS_NEW = 6
    TIMED_OUT = 7


@dataclass(frozen=True)
class WorkflowExecution:
    """A line of a list."""

    id: str
    run_id: str
    workflow_type: str
    status: WorkflowExecutionStatus
    task_queue: str
    start_time: datetime | None
    close_time: datetime | None
    history_length: int


@dataclass(frozen=True)
class WorkflowExecutionCount:
    count: int
    groups: Sequence[Any] = ()


@dataclass(frozen=True)
class WorkflowExecutionDescription(WorkflowExecution):
    raw: Mapping[str, Any]

    @property
    def typed_search_attributes(self) -> TypedSearchAttributes:
        return typed_search_attributes(self.raw.get("searchAttributes"))

    @property
    def search_attributes(self) -> Mapping[str, Any]:
        fields = (self.raw.get("searchAttributes") or {}).get("indexedFields") or {}
        values = {name: from_payload(payload) for name, payload in fields.items()}
        return {name: value if isinstance(value, list) else [value] for name, value in values.items()}

    async def memo(self) -> Mapping[str, Any]:
        return {name: from_payload(payload) for name, payload in (self.raw.get("memo") or {}).items()}


@dataclass(frozen=True)
class WorkflowHistory:
    """All events of one run, in the form in which the host keeps them; a cluster's are Temporal's."""

    workflow_id: str
    events: Sequence[Mapping[str, Any]]

    @property
    def run_id(self) -> str:
        first = self.events[0]
        if "attributes" in first:
            return first["attributes"]["runId"]
        return first["workflowExecutionStartedEventAttributes"]["originalExecutionRunId"]

    @staticmethod
    def from_json(workflow_id: str, history: str | Mapping[str, Any]) -> WorkflowHistory:
        parsed = json.loads(history) if isinstance(history, str) else history
        return WorkflowHistory(workflow_id, parsed["events"])

    def to_json(self) -> str:
        return json.dumps(self.to_json_dict())

    def to_json_dict(self) -> dict[str, Any]:
        return {"events": list(self.events)}


def execution_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": raw["workflowId"],
        "run_id": raw["runId"],
        "workflow_type": raw["workflowType"],
        "status": WorkflowExecutionStatus[raw["status"]],
        "task_queue": raw["taskQueue"],
        "start_time": timestamp_from_wire(raw.get("startTime")),
        "close_time": timestamp_from_wire(raw.get("closeTime")),
        "history_length": raw.get("historyLength", 0),
    }

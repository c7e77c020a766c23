"""Exceptions to failures of the wire and back, in the shape of temporal.api.failure.v1.Failure."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Mapping
from typing import Any

from .converter import from_payloads, to_payloads
from .exceptions import (
    ActivityError,
    ApplicationError,
    ApplicationErrorCategory,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    RetryState,
    ServerError,
    TerminatedError,
    TimeoutError,
    TimeoutType,
)
from .wire_values import duration_from_wire, duration_to_wire, present

_PACKAGE = os.path.dirname(__file__)
SOURCE = "HanabiPython"
STACK_CHARS_MAX = 8000


def to_failure(error: BaseException, seen: frozenset[int] = frozenset()) -> dict[str, Any]:
    """The failure of an exception with its causes. One that came over the wire goes back as it came."""
    known = getattr(error, "_failure", None)
    if known is not None:
        return dict(known)
    if isinstance(error, asyncio.CancelledError):
        error = _with_trace_of(CancelledError(str(error) or "Cancelled"), error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    inner = to_failure(cause, seen | {id(error)}) if cause is not None and id(cause) not in seen else None
    message = error.message if isinstance(error, FailureError) else str(error)
    return present(message=message, source=SOURCE, stackTrace=_stack(error), cause=inner, **_info(error))


def _with_trace_of(made: BaseException, original: BaseException) -> BaseException:
    return made.with_traceback(original.__traceback__)


def _stack(error: BaseException) -> str:
    """The lines of the author's code: of those of this package he knows nothing."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_PACKAGE)]
    return "".join(traceback.format_list(frames))[-STACK_CHARS_MAX:]


def _info(error: BaseException) -> dict[str, Any]:
    match error:
        case ApplicationError():
            info = present(
                type=error.type,
                nonRetryable=error.non_retryable,
                details={"payloads": to_payloads(error.details)} if error.details else None,
                nextRetryDelay=duration_to_wire(error.next_retry_delay),
                category=f"APPLICATION_ERROR_CATEGORY_{error.category.name}" if error.category else None,
            )
            return {"applicationFailureInfo": info}
        case CancelledError():
            return {"canceledFailureInfo": {"details": {"payloads": to_payloads(error.details)}} if error.details else {}}
        case TerminatedError():
            return {"terminatedFailureInfo": {}}
        case TimeoutError():
            name = f"TIMEOUT_TYPE_{error.type.name}" if error.type else "TIMEOUT_TYPE_UNSPECIFIED"
            return {"timeoutFailureInfo": {"timeoutType": name}}
        case ServerError():
            return {"serverFailureInfo": {"nonRetryable": error.non_retryable}}
        case ActivityError():
            return {"activityFailureInfo": _activity_info(error)}
        case ChildWorkflowError():
            return {"childWorkflowExecutionFailureInfo": _child_info(error)}
    return {"applicationFailureInfo": {"type": type(error).__name__, "nonRetryable": False}}


def _activity_info(error: ActivityError) -> dict[str, Any]:
    return present(
        scheduledEventId=error.scheduled_event_id,
        startedEventId=error.started_event_id,
        identity=error.identity,
        activityType={"name": error.activity_type},
        activityId=error.activity_id,
        retryState=_state_name(error.retry_state),
    )


def _child_info(error: ChildWorkflowError) -> dict[str, Any]:
    return present(
        namespace=error.namespace,
        workflowExecution={"workflowId": error.workflow_id, "runId": error.run_id},
        workflowType={"name": error.workflow_type},
        initiatedEventId=error.initiated_event_id,
        startedEventId=error.started_event_id,
        retryState=_state_name(error.retry_state),
    )


def _state_name(state: RetryState | None) -> str | None:
    return None if state is None else f"RETRY_STATE_{state.name}"


def from_failure(failure: Mapping[str, Any]) -> FailureError:
    error = _made(failure)
    error._failure = dict(failure)
    cause = failure.get("cause")
    if cause:
        error.__cause__ = from_failure(cause)
    return error


def _made(failure: Mapping[str, Any]) -> FailureError:
    message = failure.get("message", "")
    if (info := failure.get("applicationFailureInfo")) is not None:
        return ApplicationError(
            message,
            *_details(info.get("details")),
            type=info.get("type") or None,
            non_retryable=bool(info.get("nonRetryable")),
            next_retry_delay=duration_from_wire(info.get("nextRetryDelay")),
            category=_enum(ApplicationErrorCategory, info.get("category")) or ApplicationErrorCategory.UNSPECIFIED,
        )
    if (info := failure.get("timeoutFailureInfo")) is not None:
        heartbeat = _details(info.get("lastHeartbeatDetails"))
        return TimeoutError(message, type=_enum(TimeoutType, info.get("timeoutType")), last_heartbeat_details=heartbeat)
    if (info := failure.get("canceledFailureInfo")) is not None:
        return CancelledError(message or "Cancelled", *_details(info.get("details")))
    if failure.get("terminatedFailureInfo") is not None:
        return TerminatedError(message)
    if (info := failure.get("serverFailureInfo")) is not None:
        return ServerError(message, non_retryable=bool(info.get("nonRetryable")))
    if (info := failure.get("activityFailureInfo")) is not None:
        return ActivityError(
            message or "Activity task failed",
            scheduled_event_id=int(info.get("scheduledEventId", 0)),
            started_event_id=int(info.get("startedEventId", 0)),
            identity=info.get("identity", ""),
            activity_type=(info.get("activityType") or {}).get("name", ""),
            activity_id=info.get("activityId", ""),
            retry_state=_enum(RetryState, info.get("retryState")),
        )
    if (info := failure.get("childWorkflowExecutionFailureInfo")) is not None:
        execution = info.get("workflowExecution") or {}
        return ChildWorkflowError(
            message or "Child workflow failed",
            namespace=info.get("namespace", ""),
            workflow_id=execution.get("workflowId", ""),
            run_id=execution.get("runId", ""),
            workflow_type=(info.get("workflowType") or {}).get("name", ""),
            initiated_event_id=int(info.get("initiatedEventId", 0)),
            started_event_id=int(info.get("startedEventId", 0)),
            retry_state=_enum(RetryState, info.get("retryState")),
        )
    return FailureError(message)


def _details(payloads: Mapping[str, Any] | None) -> list[Any]:
    return from_payloads((payloads or {}).get("payloads") or ())


def _enum(kind: Any, value: Any) -> Any:
    """A member by its name on the wire, which ends with that of the member, or by its number."""
    if isinstance(value, int):
        return kind(value) if value in kind._value2member_map_ else None
    named = [member for member in kind if isinstance(value, str) and value.endswith(f"_{member.name}")]
    # HEARTBEAT ends no other name, but START_TO_CLOSE ends SCHEDULE_TO_START_TO_CLOSE-like ones: the longest wins.
    return max(named, key=lambda member: len(member.name), default=None)

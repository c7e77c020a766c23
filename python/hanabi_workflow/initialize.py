"""The job that starts a workflow, as `workflow.info()` tells it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .common import Priority, RetryPolicy, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from .converter import from_payload
from .info import Info, ParentInfo, RootInfo
from .wire_values import duration_from_wire, timestamp_from_wire

if TYPE_CHECKING:
    from .instance import InstanceOptions

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TASK_TIMEOUT = timedelta(seconds=10)


def info_of(job: Mapping[str, Any], run_id: str, options: InstanceOptions) -> Info:
    start = timestamp_from_wire(job.get("startTime")) or _EPOCH
    return Info(
        attempt=job.get("attempt") or 1,
        continued_run_id=job.get("continuedFromExecutionRunId") or None,
        cron_schedule=job.get("cronSchedule") or None,
        execution_timeout=duration_from_wire(job.get("workflowExecutionTimeout")),
        first_execution_run_id=job.get("firstExecutionRunId") or run_id,
        headers=job.get("headers") or {},
        namespace=options.namespace,
        parent=_parent(job.get("parentWorkflowInfo")),
        root=_root(job.get("rootWorkflow")),
        priority=_priority(job.get("priority")),
        raw_memo=(job.get("memo") or {}).get("fields") or {},
        retry_policy=retry_policy_from_wire(job.get("retryPolicy")),
        run_id=run_id,
        run_timeout=duration_from_wire(job.get("workflowRunTimeout")),
        search_attributes=_search_attributes(job.get("searchAttributes")),
        start_time=start,
        workflow_start_time=start,
        task_queue=options.task_queue,
        task_timeout=duration_from_wire(job.get("workflowTaskTimeout")) or _TASK_TIMEOUT,
        typed_search_attributes=typed_search_attributes(job.get("searchAttributes")),
        workflow_id=job.get("workflowId", ""),
        workflow_type=job.get("workflowType", ""),
    )


def _parent(parent: Mapping[str, Any] | None) -> ParentInfo | None:
    if not parent:
        return None
    return ParentInfo(parent.get("namespace", ""), parent.get("runId", ""), parent.get("workflowId", ""))


def _root(root: Mapping[str, Any] | None) -> RootInfo | None:
    return RootInfo(root.get("runId", ""), root.get("workflowId", "")) if root else None


def _priority(priority: Mapping[str, Any] | None) -> Priority:
    given = priority or {}
    return Priority(given.get("priorityKey") or None, given.get("fairnessKey") or None, given.get("fairnessWeight"))


def _search_attributes(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    fields = (attributes or {}).get("indexedFields") or {}
    values = {name: from_payload(payload) for name, payload in fields.items()}
    return {name: value if isinstance(value, list) else [value] for name, value in values.items()}


def typed_search_attributes(attributes: Mapping[str, Any] | None) -> TypedSearchAttributes:
    """Those whose payload says of what kind they are."""
    pairs = []
    for name, payload in ((attributes or {}).get("indexedFields") or {}).items():
        kind = base64.b64decode(payload.get("metadata", {}).get("type", "")).decode("ascii")
        key = SearchAttributeKey.of_indexed(name, kind)
        if key is not None:
            value = from_payload(payload, key.value_type)
            pairs.append(SearchAttributePair(key, value))
    return TypedSearchAttributes(tuple(pairs))


def retry_policy_from_wire(policy: Mapping[str, Any] | None) -> RetryPolicy | None:
    if policy is None:
        return None
    return RetryPolicy(
        initial_interval=duration_from_wire(policy.get("initialInterval")) or timedelta(seconds=1),
        backoff_coefficient=policy.get("backoffCoefficient") or 2.0,
        maximum_interval=duration_from_wire(policy.get("maximumInterval")),
        maximum_attempts=policy.get("maximumAttempts", 0),
        non_retryable_error_types=policy.get("nonRetryableErrorTypes"),
    )

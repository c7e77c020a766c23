"""How a workflow calls activities, children and other workflows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import Enum, IntEnum
from typing import Any

from .common import Priority, RetryPolicy, WorkflowIDReusePolicy
from .definitions import ActivityDefinition, WorkflowDefinition, handler_of
from .outbound import ActivityRequest, ChildRequest, ContinueAsNewError, continue_as_new_command
from .runtime import current

UNSET: Any = object()

ActivityHandle = asyncio.Task
"""What start_activity gives: a task that ends as the activity does."""


class ActivityCancellationType(IntEnum):
    TRY_CANCEL = 0
    WAIT_CANCELLATION_COMPLETED = 1
    ABANDON = 2


class ChildWorkflowCancellationType(IntEnum):
    ABANDON = 0
    TRY_CANCEL = 1
    WAIT_CANCELLATION_COMPLETED = 2
    WAIT_CANCELLATION_REQUESTED = 3


class ParentClosePolicy(IntEnum):
    UNSPECIFIED = 0
    TERMINATE = 1
    ABANDON = 2
    REQUEST_CANCEL = 3


class VersioningIntent(Enum):
    COMPATIBLE = 1
    DEFAULT = 2


def arguments_of(arg: Any, args: Sequence[Any]) -> list[Any]:
    """The one argument or the several."""
    if arg is UNSET:
        return list(args)
    if args:
        raise ValueError("Cannot have arg and args")
    return [arg]


# --- Activities -------------------------------------------------------------------------------------------------------


def start_activity(
    activity: Any,
    arg: Any = UNSET,
    *,
    args: Sequence[Any] = (),
    task_queue: str | None = None,
    result_type: type | None = None,
    schedule_to_close_timeout: timedelta | None = None,
    schedule_to_start_timeout: timedelta | None = None,
    start_to_close_timeout: timedelta | None = None,
    heartbeat_timeout: timedelta | None = None,
    retry_policy: RetryPolicy | None = None,
    cancellation_type: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
    activity_id: str | None = None,
    versioning_intent: VersioningIntent | None = None,
    summary: str | None = None,
    priority: Priority | None = None,
) -> asyncio.Task:
    """Starts an activity by its function or its name. One of the two close time-outs is needed."""
    return _start(
        activity,
        arguments_of(arg, args),
        result_type,
        False,
        summary,
        task_queue=task_queue,
        schedule_to_close_timeout=schedule_to_close_timeout,
        schedule_to_start_timeout=schedule_to_start_timeout,
        start_to_close_timeout=start_to_close_timeout,
        heartbeat_timeout=heartbeat_timeout,
        retry_policy=retry_policy,
        cancellation_type=cancellation_type,
        activity_id=activity_id,
    )


def start_local_activity(
    activity: Any,
    arg: Any = UNSET,
    *,
    args: Sequence[Any] = (),
    result_type: type | None = None,
    schedule_to_close_timeout: timedelta | None = None,
    schedule_to_start_timeout: timedelta | None = None,
    start_to_close_timeout: timedelta | None = None,
    retry_policy: RetryPolicy | None = None,
    local_retry_threshold: timedelta | None = None,
    cancellation_type: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
    activity_id: str | None = None,
    summary: str | None = None,
) -> asyncio.Task:
    return _start(
        activity,
        arguments_of(arg, args),
        result_type,
        True,
        summary,
        schedule_to_close_timeout=schedule_to_close_timeout,
        schedule_to_start_timeout=schedule_to_start_timeout,
        start_to_close_timeout=start_to_close_timeout,
        retry_policy=retry_policy,
        local_retry_threshold=local_retry_threshold,
        cancellation_type=cancellation_type,
        activity_id=activity_id,
    )


def _start(
    activity: Any, arguments: list[Any], result_type: Any, is_local: bool, summary: str | None, **options: Any
) -> asyncio.Task:
    name, hint = _activity_named(activity)
    if options["start_to_close_timeout"] is None and options["schedule_to_close_timeout"] is None:
        raise ValueError("Activity must have start_to_close_timeout or schedule_to_close_timeout")
    request = ActivityRequest(name, arguments, result_type or hint, options, is_local, summary)
    return current().outbound.start_activity(request)


def _activity_named(activity: Any) -> tuple[str, Any]:
    if isinstance(activity, str):
        return activity, None
    if not callable(activity):
        raise TypeError("Activity must be a string or callable")
    definition = ActivityDefinition.of(activity)
    if definition.name is None:
        raise ValueError("Cannot invoke dynamic activity explicitly")
    return definition.name, definition.hints.result


async def execute_activity(activity: Any, arg: Any = UNSET, **options: Any) -> Any:
    return await start_activity(activity, arg, **options)


async def execute_local_activity(activity: Any, arg: Any = UNSET, **options: Any) -> Any:
    return await start_local_activity(activity, arg, **options)


# A callable class and a method are named by themselves, like functions.
start_activity_class = start_activity_method = start_activity
execute_activity_class = execute_activity_method = execute_activity
start_local_activity_class = start_local_activity_method = start_local_activity
execute_local_activity_class = execute_local_activity_method = execute_local_activity


# --- Children and others ----------------------------------------------------------------------------------------------


class ChildWorkflowHandle:
    """A child that has started. Awaiting it gives its result."""

    def __init__(self, task: asyncio.Task, id: str, run_id: str) -> None:
        self._task = task
        self.id = id
        self.first_execution_run_id = run_id

    def __await__(self) -> Any:
        return self._task.__await__()

    def __getattr__(self, name: str) -> Any:
        # cancel(), done(), result() and so on: it is used as the task that it stands for.
        return getattr(self._task, name)

    async def signal(self, signal: Any, arg: Any = UNSET, *, args: Sequence[Any] = ()) -> None:
        target = {"childWorkflowId": self.id}
        await current().outbound.signal_external(target, name_of("signal", signal), arguments_of(arg, args))


class ExternalWorkflowHandle:
    """A workflow that is not a child of this one."""

    def __init__(self, id: str, run_id: str | None) -> None:
        self.id = id
        self.run_id = run_id

    @property
    def _execution(self) -> dict[str, Any]:
        return {"namespace": current().options.namespace, "workflowId": self.id, "runId": self.run_id or ""}

    async def signal(self, signal: Any, arg: Any = UNSET, *, args: Sequence[Any] = ()) -> None:
        target = {"workflowExecution": self._execution}
        await current().outbound.signal_external(target, name_of("signal", signal), arguments_of(arg, args))

    async def cancel(self) -> None:
        await current().outbound.cancel_external(self._execution)


def get_external_workflow_handle(workflow_id: str, *, run_id: str | None = None) -> ExternalWorkflowHandle:
    return ExternalWorkflowHandle(workflow_id, run_id)


def get_external_workflow_handle_for(
    workflow: Any, workflow_id: str, *, run_id: str | None = None
) -> ExternalWorkflowHandle:
    return ExternalWorkflowHandle(workflow_id, run_id)


async def start_child_workflow(
    workflow: Any,
    arg: Any = UNSET,
    *,
    args: Sequence[Any] = (),
    id: str | None = None,
    task_queue: str | None = None,
    result_type: type | None = None,
    cancellation_type: ChildWorkflowCancellationType = ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    parent_close_policy: ParentClosePolicy = ParentClosePolicy.TERMINATE,
    execution_timeout: timedelta | None = None,
    run_timeout: timedelta | None = None,
    task_timeout: timedelta | None = None,
    id_reuse_policy: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    retry_policy: RetryPolicy | None = None,
    cron_schedule: str = "",
    memo: Mapping[str, Any] | None = None,
    search_attributes: Any = None,
    versioning_intent: VersioningIntent | None = None,
    static_summary: str | None = None,
    static_details: str | None = None,
    priority: Priority | None = None,
) -> ChildWorkflowHandle:
    """Waits until the child has started, or could not. Without an id it gets one that is the same on replay."""
    instance = current()
    name, hint = workflow_named(workflow)
    request = ChildRequest(
        name,
        id or str(instance.environment.uuid4()),
        arguments_of(arg, args),
        result_type or hint,
        {
            "task_queue": task_queue,
            "cancellation_type": cancellation_type,
            "parent_close_policy": parent_close_policy,
            "execution_timeout": execution_timeout,
            "run_timeout": run_timeout,
            "task_timeout": task_timeout,
            "id_reuse_policy": id_reuse_policy,
            "retry_policy": retry_policy,
            "cron_schedule": cron_schedule,
            "memo": memo,
            "search_attributes": search_attributes,
        },
        static_summary,
    )
    task, run_id = await instance.outbound.start_child(request)
    return ChildWorkflowHandle(task, request.id, run_id)


async def execute_child_workflow(workflow: Any, arg: Any = UNSET, **options: Any) -> Any:
    return await (await start_child_workflow(workflow, arg, **options))


def continue_as_new(
    arg: Any = UNSET,
    *,
    args: Sequence[Any] = (),
    workflow: Any = None,
    task_queue: str | None = None,
    run_timeout: timedelta | None = None,
    task_timeout: timedelta | None = None,
    retry_policy: RetryPolicy | None = None,
    memo: Mapping[str, Any] | None = None,
    search_attributes: Any = None,
    versioning_intent: VersioningIntent | None = None,
) -> Any:
    """Ends this run and goes on in another with a fresh history. Never returns."""
    instance = current()
    instance.check_effects_allowed()
    name = workflow_named(workflow)[0] if workflow is not None else instance.info.workflow_type
    options = {
        "task_queue": task_queue,
        "run_timeout": run_timeout,
        "task_timeout": task_timeout,
        "retry_policy": retry_policy,
        "memo": memo,
        "search_attributes": search_attributes,
    }
    raise ContinueAsNewError(continue_as_new_command(name, arguments_of(arg, args), options))


def workflow_named(workflow: Any) -> tuple[str, Any]:
    """The type and the hint of the result of a workflow given by name, by class or by its run method."""
    if isinstance(workflow, str):
        return workflow, None
    definition = WorkflowDefinition.of(workflow) if isinstance(workflow, type) else WorkflowDefinition.of_run(workflow)
    if definition.name is None:
        raise ValueError("Cannot invoke dynamic workflow explicitly")
    return definition.name, definition.hints.result


def name_of(kind: str, handler: str | Callable) -> str:
    """The name of a signal, query or update given as such or by the method that handles it."""
    if isinstance(handler, str):
        return handler
    definition = handler_of(kind, handler)
    if definition is None or definition.name is None:
        raise RuntimeError(f"The {kind} must be a name or a method with @workflow.{kind} that is not dynamic")
    return definition.name

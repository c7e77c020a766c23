"""`temporalio.client`: starts workflows and talks to them, through the host of this process."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from enum import IntEnum
from typing import Any

from .async_activity import AsyncActivityHandle
from .calls import UNSET, arguments_of, name_of, workflow_named
from .client_errors import (
    RPCError,
    RPCStatusCode,
    WorkflowContinuedAsNewError,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    rpc_error,
)
from .common import QueryRejectCondition, RetryPolicy, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from .connection import Connection, HostError
from .converter import from_payload, to_payloads
from .definitions import handler_of
from .exceptions import CancelledError, TerminatedError, TimeoutError, TimeoutType, WorkflowAlreadyStartedError
from .executions import (
    WorkflowExecution,
    WorkflowExecutionCount,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHistory,
    execution_fields,
)
from .failures import from_failure
from .outbound import memo_to_wire, retry_policy_to_wire, search_attributes_to_wire
from .schedules import (
    REFUSAL,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)
from .wire_values import duration_to_wire, present
from .with_start import WithStartWorkflowOperation

__all__ = [
    "AsyncActivityHandle",
    "Client",
    "RPCError",
    "RPCStatusCode",
    "Schedule",
    "ScheduleActionStartWorkflow",
    "ScheduleCalendarSpec",
    "ScheduleIntervalSpec",
    "ScheduleOverlapPolicy",
    "SchedulePolicy",
    "ScheduleRange",
    "ScheduleSpec",
    "ScheduleState",
    "WithStartWorkflowOperation",
    "WorkflowContinuedAsNewError",
    "WorkflowExecution",
    "WorkflowExecutionCount",
    "WorkflowExecutionDescription",
    "WorkflowExecutionStatus",
    "WorkflowFailureError",
    "WorkflowHandle",
    "WorkflowHistory",
    "WorkflowQueryFailedError",
    "WorkflowUpdateFailedError",
    "WorkflowUpdateHandle",
    "WorkflowUpdateStage",
]


class WorkflowUpdateStage(IntEnum):
    ADMITTED = 1
    ACCEPTED = 2
    COMPLETED = 3


class Client:
    """The one host of this process is always the one that is meant, whatever the address says."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self.connection = connection
        self.namespace = namespace

    @staticmethod
    async def connect(target_host: str = "", *, namespace: str = "default", **_: Any) -> Client:
        # Where the host runs workflows on a cluster, it knows the one namespace that there is.
        return Client(await Connection.to_host(), os.environ.get("HANABI_WORKFLOW_NAMESPACE") or namespace)

    async def start_workflow(
        self,
        workflow: Any,
        arg: Any = UNSET,
        *,
        args: Sequence[Any] = (),
        id: str,
        task_queue: str,
        result_type: type | None = None,
        execution_timeout: timedelta | None = None,
        run_timeout: timedelta | None = None,
        task_timeout: timedelta | None = None,
        id_reuse_policy: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy: WorkflowIDConflictPolicy = WorkflowIDConflictPolicy.UNSPECIFIED,
        retry_policy: RetryPolicy | None = None,
        cron_schedule: str = "",
        memo: Mapping[str, Any] | None = None,
        search_attributes: Any = None,
        static_summary: str | None = None,
        static_details: str | None = None,
        priority: Any = None,
        start_delay: timedelta | None = None,
        start_signal: str | None = None,
        start_signal_args: Sequence[Any] = (),
    ) -> WorkflowHandle:
        """Starts a workflow, or raises WorkflowAlreadyStartedError."""
        name, hint = workflow_named(workflow)
        options = present(
            executionTimeout=duration_to_wire(execution_timeout),
            runTimeout=duration_to_wire(run_timeout),
            taskTimeout=duration_to_wire(task_timeout),
            retryPolicy=retry_policy_to_wire(retry_policy),
            memo=memo_to_wire(memo),
            searchAttributes=search_attributes_to_wire(search_attributes),
            cronSchedule=cron_schedule or None,
            startDelay=duration_to_wire(start_delay),
            signal={"name": start_signal, "input": to_payloads(start_signal_args)} if start_signal else None,
        )
        try:
            started = await self.connection.ask(
                "start",
                workflowId=id,
                workflowType=name,
                taskQueue=task_queue,
                input=to_payloads(arguments_of(arg, args)),
                idReusePolicy=id_reuse_policy.name,
                idConflictPolicy=id_conflict_policy.name,
                **options,
            )
        except HostError as error:
            if error.kind == "ALREADY_STARTED":
                raise WorkflowAlreadyStartedError(id, name, run_id=error.details.get("runId")) from None
            raise rpc_error(error) from None
        return WorkflowHandle(self, id, result_run_id=started["runId"], result_type=result_type or hint)

    async def execute_workflow(self, workflow: Any, arg: Any = UNSET, **options: Any) -> Any:
        return await (await self.start_workflow(workflow, arg, **options)).result()

    async def start_update_with_start_workflow(
        self, update: Any, arg: Any = UNSET, *, start_workflow_operation: WithStartWorkflowOperation, **options: Any
    ) -> WorkflowUpdateHandle:
        handle = await start_workflow_operation.start(self)
        return await handle.start_update(update, arg, **options)

    async def execute_update_with_start_workflow(
        self, update: Any, arg: Any = UNSET, *, start_workflow_operation: WithStartWorkflowOperation, **options: Any
    ) -> Any:
        handle = await start_workflow_operation.start(self)
        return await handle.execute_update(update, arg, **options)

    def get_workflow_handle(
        self, workflow_id: str, *, run_id: str | None = None, result_type: type | None = None, **_: Any
    ) -> WorkflowHandle:
        return WorkflowHandle(self, workflow_id, run_id=run_id, result_run_id=run_id, result_type=result_type)

    def get_workflow_handle_for(self, workflow: Any, workflow_id: str, *, run_id: str | None = None) -> WorkflowHandle:
        return self.get_workflow_handle(workflow_id, run_id=run_id, result_type=workflow_named(workflow)[1])

    async def list_workflows(self, query: str | None = None, **_: Any) -> AsyncIterator[WorkflowExecution]:
        for each in await self._ask("list", query=query or ""):
            yield WorkflowExecution(**execution_fields(each))

    async def count_workflows(self, query: str | None = None, **_: Any) -> WorkflowExecutionCount:
        return WorkflowExecutionCount(len(await self._ask("list", query=query or "")))

    def get_async_activity_handle(
        self,
        *,
        task_token: bytes | None = None,
        workflow_id: str | None = None,
        run_id: str | None = None,
        activity_id: str | None = None,
    ) -> AsyncActivityHandle:
        """By the token that the activity found in its info, or by its id in a workflow."""
        if task_token is not None:
            return AsyncActivityHandle(self, {"token": task_token.decode("utf-8")})
        if workflow_id is None or activity_id is None:
            raise ValueError("Either task_token, or workflow_id and activity_id, is needed")
        return AsyncActivityHandle(self, {"workflowId": workflow_id, "runId": run_id, "activityId": activity_id})

    async def create_schedule(self, id: str, schedule: Schedule, **_: Any) -> None:
        raise RPCError(REFUSAL, RPCStatusCode.UNIMPLEMENTED)

    async def _ask(self, what: str, **fields: Any) -> Any:
        try:
            return await self.connection.ask(what, **fields)
        except HostError as error:
            raise rpc_error(error) from None


class WorkflowHandle:
    def __init__(
        self,
        client: Client,
        id: str,
        *,
        run_id: str | None = None,
        result_run_id: str | None = None,
        result_type: Any = None,
    ) -> None:
        self._client = client
        self.id = id
        self.run_id = run_id
        self.result_run_id = result_run_id
        self.first_execution_run_id = result_run_id
        self._result_type = result_type

    @property
    def _target(self) -> dict[str, Any]:
        return {"workflowId": self.id, "runId": self.run_id}

    async def result(self, *, follow_runs: bool = True, **_: Any) -> Any:
        run_id = self.result_run_id
        while True:
            end = await self._client._ask("result", workflowId=self.id, runId=run_id)
            if end.get("newRunId"):
                if not follow_runs:
                    raise WorkflowContinuedAsNewError(end["newRunId"])
                run_id = end["newRunId"]
                continue
            if end["status"] == "COMPLETED":
                payload = end.get("result")
                return from_payload(payload, self._result_type) if payload else None
            raise WorkflowFailureError(_why(end))

    async def signal(self, signal: Any, arg: Any = UNSET, *, args: Sequence[Any] = (), **_: Any) -> None:
        payloads = to_payloads(arguments_of(arg, args))
        await self._client._ask("signal", **self._target, signalName=name_of("signal", signal), input=payloads)

    async def query(
        self,
        query: Any,
        arg: Any = UNSET,
        *,
        args: Sequence[Any] = (),
        result_type: type | None = None,
        reject_condition: QueryRejectCondition | None = None,
        **_: Any,
    ) -> Any:
        payloads = to_payloads(arguments_of(arg, args))
        try:
            answer = await self._client.connection.ask(
                "query", **self._target, queryType=name_of("query", query), arguments=payloads
            )
        except HostError as error:
            if error.kind == "QUERY_FAILED":
                raise WorkflowQueryFailedError(str(error)) from None
            raise rpc_error(error) from None
        return from_payload(answer["response"], result_type or _hint("query", query)) if answer.get("response") else None

    async def execute_update(self, update: Any, arg: Any = UNSET, **options: Any) -> Any:
        handle = await self.start_update(update, arg, wait_for_stage=WorkflowUpdateStage.COMPLETED, **options)
        return await handle.result()

    async def start_update(
        self,
        update: Any,
        arg: Any = UNSET,
        *,
        wait_for_stage: WorkflowUpdateStage,
        args: Sequence[Any] = (),
        id: str | None = None,
        result_type: type | None = None,
        **_: Any,
    ) -> WorkflowUpdateHandle:
        """Waits until the update is accepted. A refusal is told by the handle's result."""
        started = await self._client._ask(
            "update",
            **self._target,
            name=name_of("update", update),
            input=to_payloads(arguments_of(arg, args)),
            updateId=id,
            stage=wait_for_stage.name,
        )
        return WorkflowUpdateHandle(self._client, self.id, started["updateId"], started, result_type or _hint("update", update))

    async def cancel(self, **_: Any) -> None:
        await self._client._ask("cancel", **self._target)

    async def terminate(self, *args: Any, reason: str | None = None, **_: Any) -> None:
        await self._client._ask("terminate", **self._target, reason=reason or "", details=to_payloads(args))

    async def describe(self, **_: Any) -> WorkflowExecutionDescription:
        raw = await self._client._ask("describe", **self._target)
        return WorkflowExecutionDescription(**execution_fields(raw), raw=raw)

    async def fetch_history(self, **_: Any) -> WorkflowHistory:
        return WorkflowHistory(self.id, await self._client._ask("history", **self._target))

    async def fetch_history_events(self, **_: Any) -> AsyncIterator[Mapping[str, Any]]:
        for event in await self._client._ask("history", **self._target):
            yield event


class WorkflowUpdateHandle:
    def __init__(self, client: Client, workflow_id: str, id: str, known: Mapping[str, Any], result_type: Any) -> None:
        self._client = client
        self.workflow_id = workflow_id
        self.id = id
        self._known = known
        self._result_type = result_type

    async def result(self, **_: Any) -> Any:
        outcome = self._known.get("outcome")
        if outcome is None:
            outcome = await self._client._ask("updateResult", workflowId=self.workflow_id, updateId=self.id)
        if "failure" in outcome:
            raise WorkflowUpdateFailedError(from_failure(outcome["failure"]))
        return from_payload(outcome["completed"], self._result_type) if outcome.get("completed") else None


def _why(end: Mapping[str, Any]) -> BaseException:
    match end["status"]:
        case "CANCELED":
            return CancelledError("Workflow cancelled")
        case "TERMINATED":
            return TerminatedError(end.get("reason") or "Workflow terminated")
        case "TIMED_OUT":
            return TimeoutError("Workflow timed out", type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=[])
    return from_failure(end.get("failure") or {})


def _hint(kind: str, handler: Any) -> Any:
    definition = None if isinstance(handler, str) else handler_of(kind, handler)
    return None if definition is None else definition.hints.result

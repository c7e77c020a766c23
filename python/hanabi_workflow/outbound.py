"""What a workflow asks of the world and waits for: activities, children, other workflows."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .converter import from_payload, to_payload, to_payloads
from .exceptions import ActivityError, CancelledError, RetryState, WorkflowAlreadyStartedError
from .failures import from_failure
from .wire_values import duration_from_wire, duration_to_wire, present

if TYPE_CHECKING:
    from .common import RetryPolicy
    from .instance import WorkflowInstance


class ContinueAsNewError(BaseException):
    """Leaves the run method so that the workflow goes on under a new history. Raised by workflow.continue_as_new."""

    def __init__(self, command: dict[str, Any]) -> None:
        super().__init__("Workflow continue as new")
        self.command = command


@dataclass
class Asked:
    """Something that was asked for. `answer` is what came back; `started` is for what starts before it ends."""

    seq: int
    command: str
    answer: asyncio.Future
    started: asyncio.Future | None = None


class Outbound:
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        self._seqs: dict[str, int] = {}
        self._asked: dict[str, dict[int, Asked]] = {"activity": {}, "child": {}, "signal": {}, "cancel": {}}

    def next_seq(self, kind: str) -> int:
        self._seqs[kind] = self._seqs.get(kind, 0) + 1
        return self._seqs[kind]

    # --- Answers ------------------------------------------------------------------------------------------------------

    def resolve(self, kind: str, job: Mapping[str, Any]) -> None:
        seq = job.get("seq", 0)
        match kind:
            case "resolveActivity":
                self._settle("activity", seq, job.get("result") or {})
            case "resolveChildWorkflowExecutionStart":
                asked = self._asked["child"].get(seq)
                if asked is not None and asked.started is not None and not asked.started.done():
                    asked.started.set_result(job)
                    if "succeeded" not in job:
                        del self._asked["child"][seq]
            case "resolveChildWorkflowExecution":
                self._settle("child", seq, job.get("result") or {})
            case "resolveSignalExternalWorkflow":
                self._settle("signal", seq, job)
            case "resolveRequestCancelExternalWorkflow":
                self._settle("cancel", seq, job)
            case _:
                raise RuntimeError(f"Unknown activation job {kind}")

    def _settle(self, kind: str, seq: int, answer: Mapping[str, Any]) -> None:
        asked = self._asked[kind].pop(seq, None)
        if asked is None:
            raise RuntimeError(f"Failed finding {kind} handle for sequence {seq}")
        if not asked.answer.done():
            asked.answer.set_result(answer)

    def _ask(self, kind: str, command: str, seq: int, fields: dict[str, Any], summary: str | None = None) -> Asked:
        whole: dict[str, Any] = {command: {"seq": seq, **fields}}
        if summary:
            whole["userMetadata"] = {"summary": to_payload(summary)}
        self._instance.add_command(whole)
        loop = self._instance.loop
        asked = Asked(seq, command, loop.create_future(), loop.create_future() if kind == "child" else None)
        self._asked[kind][seq] = asked
        return asked

    # --- Activities ---------------------------------------------------------------------------------------------------

    def start_activity(self, request: ActivityRequest) -> asyncio.Task:
        """A task that ends as the activity does. The command is made at once, not when the task begins."""
        asked = self._ask_activity(request)
        begun: list[bool] = []
        task = self._instance.loop.create_task(
            self._activity(request, asked, begun), name=f"activity {request.activity_type}"
        )
        task.add_done_callback(lambda _: None if begun else self._never_awaited(asked))
        return task

    def _never_awaited(self, asked: Asked) -> None:
        """It was cancelled before it took its first step, so it could not pass that on."""
        if not self._instance.is_closing and self._instance.withdraw(asked.command, asked.seq):
            self._forget(asked)

    def _ask_activity(self, request: ActivityRequest, attempt: int = 1, scheduled: Any = None) -> Asked:
        seq = self.next_seq("activity")
        command = "scheduleLocalActivity" if request.is_local else "scheduleActivity"
        fields = request.fields(str(seq), self._instance.options.task_queue)
        if request.is_local:
            fields.update(present(attempt=attempt, originalScheduleTime=scheduled))
        return self._ask("activity", command, seq, fields, request.summary)

    async def _activity(self, request: ActivityRequest, asked: Asked, begun: list[bool]) -> Any:
        begun.append(True)
        cancel = "requestCancelLocalActivity" if request.is_local else "requestCancelActivity"
        while True:
            answer = await self._answer_of(asked, cancel, lambda: _cancelled_activity(request))
            if "backoff" in answer:
                backoff = answer["backoff"]
                await asyncio.sleep((duration_from_wire(backoff.get("backoffDuration")) or timedelta()).total_seconds())
                asked = self._ask_activity(request, backoff.get("attempt", 1), backoff.get("originalScheduleTime"))
                continue
            if "completed" in answer:
                return _value((answer["completed"] or {}).get("result"), request.result_type)
            failed = answer.get("failed") or answer.get("cancelled") or {}
            raise from_failure(failed.get("failure") or {})

    async def _answer_of(
        self, asked: Asked, cancel: str, withdrawn: Any, *, seq_field: str = "seq", is_cancelled: bool = False
    ) -> Mapping[str, Any]:
        """Waits for the answer. Being cancelled is passed on once, and the answer, whatever it is, still awaited."""
        requested = False
        while True:
            if is_cancelled and self._instance.withdraw(asked.command, asked.seq):
                self._forget(asked)
                # Outside of the except block: its cause is its own.
                raise withdrawn()
            if is_cancelled and not requested:
                requested = True
                self._instance.add_command({cancel: {seq_field: asked.seq}})
            try:
                return await asyncio.shield(asked.answer)
            except asyncio.CancelledError:
                if self._instance.is_closing:
                    raise
                is_cancelled = True

    def _forget(self, asked: Asked) -> None:
        for table in self._asked.values():
            if table.get(asked.seq) is asked:
                del table[asked.seq]

    # --- Children -----------------------------------------------------------------------------------------------------

    async def start_child(self, request: ChildRequest) -> tuple[asyncio.Task, str]:
        """The task that ends as the child does, and the id of the child's run, once it has started."""
        seq = self.next_seq("child")
        fields = request.fields(self._instance.options.namespace, self._instance.options.task_queue)
        asked = self._ask("child", "startChildWorkflowExecution", seq, fields, request.summary)
        task = self._instance.loop.create_task(self._child(request, asked), name=f"child {request.workflow_type}")
        start = await self._started(asked, task)
        if "succeeded" in start:
            return task, (start["succeeded"] or {}).get("runId", "")
        task.cancel()
        if "cancelled" in start:
            raise from_failure((start["cancelled"] or {}).get("failure") or {})
        raise WorkflowAlreadyStartedError(request.id, request.workflow_type)

    async def _started(self, asked: Asked, task: asyncio.Task) -> Mapping[str, Any]:
        while True:
            try:
                return await asyncio.shield(asked.started)
            except asyncio.CancelledError:
                if self._instance.is_closing:
                    raise
                if self._instance.withdraw(asked.command, asked.seq):
                    self._forget(asked)
                    task.cancel()
                    raise
                self._instance.add_command({"cancelChildWorkflowExecution": {"childWorkflowSeq": asked.seq}})
                return await asyncio.shield(asked.started)

    async def _child(self, request: ChildRequest, asked: Asked) -> Any:
        is_cancelled = False
        try:
            start = await asyncio.shield(asked.started)
        except asyncio.CancelledError:
            if not asked.started.done():
                raise
            # Cancelled by who heard of the start before this task did.
            start, is_cancelled = asked.started.result(), True
        if "succeeded" not in start:
            return None
        cancel, withdrawn = "cancelChildWorkflowExecution", asyncio.CancelledError
        answer = await self._answer_of(asked, cancel, withdrawn, seq_field="childWorkflowSeq", is_cancelled=is_cancelled)
        if "completed" in answer:
            return _value((answer["completed"] or {}).get("result"), request.result_type)
        failed = answer.get("failed") or answer.get("cancelled") or {}
        raise from_failure(failed.get("failure") or {})

    # --- Other workflows ----------------------------------------------------------------------------------------------

    async def signal_external(self, target: dict[str, Any], name: str, arguments: Sequence[Any]) -> None:
        seq = self.next_seq("signal")
        fields = {**target, "signalName": name, "args": to_payloads(arguments)}
        asked = self._ask("signal", "signalExternalWorkflowExecution", seq, fields)
        answer = await self._answer_of(asked, "cancelSignalWorkflow", asyncio.CancelledError)
        if answer.get("failure"):
            raise from_failure(answer["failure"])

    async def cancel_external(self, execution: dict[str, Any]) -> None:
        seq = self.next_seq("cancel")
        asked = self._ask("cancel", "requestCancelExternalWorkflowExecution", seq, {"workflowExecution": execution})
        answer = await asyncio.shield(asked.answer)
        if answer.get("failure"):
            raise from_failure(answer["failure"])


@dataclass
class ActivityRequest:
    activity_type: str
    arguments: Sequence[Any]
    result_type: Any
    options: Mapping[str, Any]
    is_local: bool = False
    summary: str | None = None

    def fields(self, activity_id: str, task_queue: str) -> dict[str, Any]:
        options = self.options
        kind = options.get("cancellation_type")
        common = present(
            activityId=options.get("activity_id") or activity_id,
            activityType=self.activity_type,
            arguments=to_payloads(self.arguments),
            scheduleToCloseTimeout=duration_to_wire(options.get("schedule_to_close_timeout")),
            scheduleToStartTimeout=duration_to_wire(options.get("schedule_to_start_timeout")),
            startToCloseTimeout=duration_to_wire(options.get("start_to_close_timeout")),
            retryPolicy=retry_policy_to_wire(options.get("retry_policy")),
            cancellationType=kind.name if kind is not None else "TRY_CANCEL",
        )
        if self.is_local:
            return common | present(localRetryThreshold=duration_to_wire(options.get("local_retry_threshold")))
        return common | present(
            taskQueue=options.get("task_queue") or task_queue,
            heartbeatTimeout=duration_to_wire(options.get("heartbeat_timeout")),
            doNotEagerlyExecute=options.get("disable_eager_execution") or None,
        )


@dataclass
class ChildRequest:
    workflow_type: str
    id: str
    arguments: Sequence[Any]
    result_type: Any
    options: Mapping[str, Any]
    summary: str | None = None

    def fields(self, namespace: str, task_queue: str) -> dict[str, Any]:
        options = self.options
        return present(
            namespace=namespace,
            workflowId=self.id,
            workflowType=self.workflow_type,
            taskQueue=options.get("task_queue") or task_queue,
            input=to_payloads(self.arguments),
            workflowExecutionTimeout=duration_to_wire(options.get("execution_timeout")),
            workflowRunTimeout=duration_to_wire(options.get("run_timeout")),
            workflowTaskTimeout=duration_to_wire(options.get("task_timeout")),
            parentClosePolicy=f"PARENT_CLOSE_POLICY_{options['parent_close_policy'].name}",
            workflowIdReusePolicy=f"WORKFLOW_ID_REUSE_POLICY_{options['id_reuse_policy'].name}",
            retryPolicy=retry_policy_to_wire(options.get("retry_policy")),
            cronSchedule=options.get("cron_schedule") or None,
            memo=memo_to_wire(options.get("memo")),
            searchAttributes=search_attributes_to_wire(options.get("search_attributes")),
            cancellationType=options["cancellation_type"].name,
        )


def continue_as_new_command(workflow_type: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    return present(
        workflowType=workflow_type,
        taskQueue=options.get("task_queue"),
        arguments=to_payloads(arguments),
        workflowRunTimeout=duration_to_wire(options.get("run_timeout")),
        workflowTaskTimeout=duration_to_wire(options.get("task_timeout")),
        memo=memo_to_wire(options.get("memo")),
        searchAttributes=search_attributes_to_wire(options.get("search_attributes")),
        retryPolicy=retry_policy_to_wire(options.get("retry_policy")),
    )


def retry_policy_to_wire(policy: RetryPolicy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    policy._validate()
    return present(
        initialInterval=duration_to_wire(policy.initial_interval),
        backoffCoefficient=policy.backoff_coefficient,
        maximumInterval=duration_to_wire(policy.maximum_interval),
        maximumAttempts=policy.maximum_attempts,
        nonRetryableErrorTypes=list(policy.non_retryable_error_types) if policy.non_retryable_error_types else None,
    )


def memo_to_wire(memo: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if memo is None else {name: to_payload(value) for name, value in memo.items()}


def search_attributes_to_wire(attributes: Any) -> dict[str, Any] | None:
    """From typed pairs, updates or a plain mapping of lists."""
    if attributes is None:
        return None
    if isinstance(attributes, Mapping):
        return {"indexedFields": {name: to_payload(value) for name, value in attributes.items()}}
    fields = {}
    for pair in attributes:
        value = pair.value.isoformat() if isinstance(pair.value, datetime) else pair.value
        payload = to_payload(list(value) if isinstance(value, (list, tuple)) else value)
        payload.setdefault("metadata", {})["type"] = _type_mark(pair.key.indexed_value_type)
        fields[pair.key.name] = payload
    return {"indexedFields": fields}


def _type_mark(indexed_value_type: str) -> str:
    return base64.b64encode(indexed_value_type.encode("ascii")).decode("ascii")


def _value(payload: Mapping[str, Any] | None, hint: Any) -> Any:
    return None if not payload else from_payload(payload, hint)


def _cancelled_activity(request: ActivityRequest) -> ActivityError:
    error = ActivityError(
        "Activity cancelled",
        scheduled_event_id=0,
        started_event_id=0,
        identity="",
        activity_type=request.activity_type,
        activity_id=request.options.get("activity_id") or "",
        retry_state=RetryState.CANCEL_REQUESTED,
    )
    error.__cause__ = CancelledError("Cancelled")
    return error

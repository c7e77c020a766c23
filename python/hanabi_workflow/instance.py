"""One workflow in memory: an activation goes in, a completion comes out, both in the shape of Temporal's core.

Between two activations nothing of it runs. What it asks of the world are the commands of the completion; what the world
answers are the jobs of a later activation, which name what was asked for by its sequence number.
"""

from __future__ import annotations

import asyncio
import os
import random
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .common import RawValue
from .conditions import Conditions
from .converter import from_payloads, to_payload
from .deadlock import within_deadline
from .definitions import WorkflowDefinition
from .event_loop import DeterministicLoop
from .exceptions import FailureError, is_cancelled_exception
from .failures import to_failure
from .handlers import Handlers
from .info import Info
from .initialize import info_of
from .outbound import ContinueAsNewError, Outbound
from .runtime import executing
from .sandbox.errors import NondeterminismError
from .trace import Trace
from .wire_values import duration_to_wire, nanoseconds_from_wire

_PACKAGE = os.path.dirname(__file__)
_TERMINAL = (
    "completeWorkflowExecution",
    "failWorkflowExecution",
    "cancelWorkflowExecution",
    "continueAsNewWorkflowExecution",
)
_ANSWERS = ("updateResponse", "respondToQuery")


class ReadOnlyContextError(NondeterminismError):
    """A query, a validator or a condition tried to have an effect."""


class Environment(Protocol):
    """Where the code of one run executes: sandboxed or not."""

    random: random.Random

    def executing(self) -> Any: ...
    def begin(self) -> None: ...
    def reseed(self, seed: int) -> None: ...
    def uuid4(self) -> uuid.UUID: ...


@dataclass
class InstanceOptions:
    """What the worker says for all its workflows."""

    namespace: str = "default"
    task_queue: str = "default"
    build_id: str = ""
    failure_exception_types: Sequence[type[BaseException]] = ()
    deadlock_timeout_s: float | None = 2.0
    # The folder with the author's files, for who wants to know where in them a run is.
    source_root: str = ""


@dataclass
class _Patches:
    known: set[str] = field(default_factory=set)
    answers: dict[str, bool] = field(default_factory=dict)


class WorkflowInstance:
    def __init__(
        self, definition: WorkflowDefinition, environment: Environment, clock: Clock, run_id: str, options: InstanceOptions
    ) -> None:
        self.definition = definition
        self.environment = environment
        self.options = options
        self.run_id = run_id
        self.clock = clock
        self.loop = DeterministicLoop(self)
        self.outbound = Outbound(self)
        self.handlers = Handlers(self)
        self.info: Info | None = None
        self.memo: dict[str, Any] = {}
        self.search_attributes: dict[str, Any] = {}
        self.object: Any = None
        self.current_details = ""
        self.is_replaying = False
        self.is_read_only = False
        self.is_closing = False
        self.history_length = 0
        self.history_size_bytes = 0
        self.continue_as_new_suggested = False
        # Of the run before this one, by a cron schedule or as a retry.
        self.last_completion: Sequence[Mapping[str, Any]] = ()
        self.last_failure: Mapping[str, Any] | None = None
        self.cancel_requested = False
        self.cancel_reason: str | None = None
        self.commands: list[dict[str, Any]] = []
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._timer_seqs: dict[int, int] = {}
        self._conditions = Conditions(self.reading)
        self._patches = _Patches()
        self._primary: asyncio.Task | None = None
        self._arguments: list[Any] = []

    @property
    def build_id(self) -> str:
        return self.options.build_id

    # --- Activations --------------------------------------------------------------------------------------------------

    def activate(self, activation: Mapping[str, Any]) -> dict[str, Any]:
        """Applies the jobs in their order and lets the workflow go as far as it can."""
        if activation.get("isTraced"):
            return self._activate_traced(activation, Trace(self.options.source_root))
        self.commands = []
        return self._activate(activation)

    def _activate_traced(self, activation: Mapping[str, Any], trace: Trace) -> dict[str, Any]:
        self.commands = trace.commands
        with trace.following():
            completion = self._activate(activation)
        made = completion.get("successful", {}).get("commands", [])
        tasks = ((task.get_name(), waiting_frames(task.get_coro())) for task in self._tasks())
        return {**completion, "trace": trace.told(made, tasks)}

    def _activate(self, activation: Mapping[str, Any]) -> dict[str, Any]:
        self.is_replaying = bool(activation.get("isReplaying"))
        self.history_length = int(activation.get("historyLength", 0))
        self.history_size_bytes = int(activation.get("historySizeBytes", 0))
        self.continue_as_new_suggested = bool(activation.get("continueAsNewSuggested"))
        self.clock.now_ns = nanoseconds_from_wire(activation.get("timestamp"))
        try:
            with self.environment.executing(), executing(self), within_deadline(self.options.deadlock_timeout_s):
                self._apply(activation.get("jobs", ()))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return {"runId": self.run_id, "failed": {"failure": to_failure(error)}}
        return {"runId": self.run_id, "successful": {"commands": self._settled_commands()}}

    def _apply(self, jobs: Sequence[Mapping[str, Any]]) -> None:
        parsed = [next(iter(job.items())) for job in jobs]
        first = {"initializeWorkflow", "notifyHasPatch", "updateRandomSeed"}
        second = {"signalWorkflow", "doUpdate"}
        groups: list[list[tuple[str, Any]]] = [[], [], [], []]
        for kind, job in parsed:
            groups[0 if kind in first else 1 if kind in second else 3 if kind == "queryWorkflow" else 2].append((kind, job))
        groups[0].sort(key=lambda item: item[0] != "initializeWorkflow")
        for kind, job in (*groups[0], *groups[1]):
            self._apply_job(kind, job)
        if self.object is not None and self._primary is None:
            # After the handlers of signals and updates, which so see the workflow before it takes its first step.
            self._start()
        self._run_until_blocked()
        for kind, job in groups[2]:
            self._apply_job(kind, job)
        self._run_until_blocked()
        for _, job in groups[3]:
            self.handlers.query(job)

    def _apply_job(self, kind: str, job: Any) -> None:
        match kind:
            case "initializeWorkflow":
                self._initialize(job)
            case "notifyHasPatch":
                self._patches.known.add(job["patchId"])
            case "updateRandomSeed":
                self.environment.reseed(int(job.get("randomnessSeed", 0)))
            case "signalWorkflow":
                self.handlers.signal(job)
            case "doUpdate":
                self.handlers.update(job)
            case "fireTimer":
                self._fire_timer(job.get("seq", 0))
            case "cancelWorkflow":
                self._cancel(job or {})
            case "removeFromCache":
                self.close()
            case _:
                self.outbound.resolve(kind, job)

    def _run_until_blocked(self) -> None:
        while True:
            self.loop.run_ready()
            if not self._conditions.wake_one():
                return

    def _settled_commands(self) -> list[dict[str, Any]]:
        """After the end there are only answers, and those come before it."""
        for index, command in enumerate(self.commands):
            if any(kind in command for kind in _TERMINAL):
                answers = [later for later in self.commands[index + 1 :] if any(kind in later for kind in _ANSWERS)]
                return [*self.commands[:index], *answers, command]
        return self.commands

    # --- Its life -----------------------------------------------------------------------------------------------------

    def _initialize(self, job: Mapping[str, Any]) -> None:
        self.info = info_of(job, self.run_id, self.options)
        self.last_completion = (job.get("lastCompletionResult") or {}).get("payloads") or ()
        self.last_failure = job.get("continuedFailure")
        self.memo = dict(self.info.raw_memo)
        self.search_attributes = dict(self.info.search_attributes)
        self.environment.begin()
        self._arguments = self._arguments_of(job.get("arguments") or ())
        self.object = self.definition.cls(*(self._arguments if self.definition.init_takes_arguments else ()))

    def _arguments_of(self, payloads: Sequence[Mapping[str, Any]]) -> list[Any]:
        if self.definition.name is None:
            return [[RawValue(payload) for payload in payloads]]
        hints = self.definition.hints.arguments
        # A caller of a newer version may give more than this one takes.
        return from_payloads(payloads if hints is None else payloads[: len(hints)], hints)

    def _start(self) -> None:
        self._primary = self.loop.create_task(
            self.guarded(self._run_to_the_end()), name=f"run {self.definition.name or 'dynamic'}"
        )

    async def _run_to_the_end(self) -> None:
        run = getattr(self.object, self.definition.run_function.__name__)
        result = await run(*self._arguments)
        self.handlers.warn_of_unfinished()
        self.commands.append({"completeWorkflowExecution": {"result": to_payload(result)}})

    async def guarded(self, work: Any) -> None:
        """What leaves the run method or a handler of signals decides what becomes of the workflow, or of the task."""
        try:
            await work
        except BaseException as error:
            if self.is_closing or isinstance(error, GeneratorExit):
                raise
            if isinstance(error, ContinueAsNewError):
                self.commands.append({"continueAsNewWorkflowExecution": error.command})
            elif self.cancel_requested and is_cancelled_exception(error):
                self.commands.append({"cancelWorkflowExecution": {}})
            elif self.is_failure(error):
                self.commands.append({"failWorkflowExecution": {"failure": to_failure(error)}})
            else:
                self.loop.problem = error

    def is_failure(self, error: BaseException) -> bool:
        """Whether it fails the workflow; the others fail only the task, until the code is mended."""
        kinds = (*self.options.failure_exception_types, *self.definition.failure_exception_types)
        return isinstance(error, (FailureError, asyncio.TimeoutError, *kinds))

    def _cancel(self, job: Mapping[str, Any]) -> None:
        self.cancel_requested = True
        self.cancel_reason = job.get("reason") or None
        if self._primary is not None:
            # Not at once: one that has not taken its first step would never get to take it.
            self.loop.call_soon(self._primary.cancel)

    def close(self) -> None:
        """Ends all tasks where they are. What their `finally` blocks ask for goes nowhere."""
        self.is_closing = True
        for task in list(self.loop.tasks):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            try:
                task.get_coro().close()
            except BaseException:
                # It may do what it likes here; it is gone all the same.
                continue
        self.loop.drop_all()
        self.commands = []

    # --- What the author's code asks for ------------------------------------------------------------------------------

    def add_command(self, command: dict[str, Any]) -> None:
        self.check_effects_allowed()
        self.commands.append(command)

    def check_effects_allowed(self) -> None:
        if self.is_closing:
            raise NondeterminismError("The workflow is leaving the cache: nothing can be asked for any more")
        if self.is_read_only:
            raise ReadOnlyContextError("While in a query, an update validator or a condition, a workflow can only read")

    def withdraw(self, kind: str, seq: int) -> bool:
        """Takes back a command that was not sent yet. What starts and is cancelled at once never happened."""
        for index, command in enumerate(self.commands):
            if kind in command and command[kind]["seq"] == seq:
                del self.commands[index]
                return True
        return False

    def reading(self) -> Any:
        return _Reading(self)

    def time_s(self) -> float:
        return self.clock.now_ns / 1e9

    def start_timer(self, handle: asyncio.TimerHandle, delay_s: float, summary: str | None = None) -> None:
        self.check_effects_allowed()
        seq = self.outbound.next_seq("timer")
        self._timers[seq] = handle
        self._timer_seqs[id(handle)] = seq
        command: dict[str, Any] = {"startTimer": {"seq": seq, "startToFireTimeout": duration_to_wire(delay_s)}}
        if summary:
            command["userMetadata"] = {"summary": to_payload(summary)}
        self.commands.append(command)

    def cancel_timer(self, handle: asyncio.TimerHandle) -> None:
        seq = self._timer_seqs.pop(id(handle), None)
        if seq is None or self._timers.pop(seq, None) is None or self.is_closing:
            return
        if not self.withdraw("startTimer", seq):
            self.commands.append({"cancelTimer": {"seq": seq}})

    def _fire_timer(self, seq: int) -> None:
        handle = self._timers.pop(seq, None)
        if handle is not None:
            self._timer_seqs.pop(id(handle), None)
            self.loop.fire(handle)

    async def wait_condition(self, test: Callable[[], bool], timeout_s: float | None) -> None:
        self.check_effects_allowed()
        future = self.loop.create_future()
        self._conditions.add(test, future)
        await asyncio.wait_for(future, timeout_s)

    def patched(self, patch_id: str, *, deprecated: bool) -> bool:
        """Whether the new way is to be gone. Asked once: the answer stays, also after replay has ended."""
        self.check_effects_allowed()
        answer = self._patches.answers.get(patch_id)
        if answer is None:
            answer = self._patches.answers[patch_id] = not self.is_replaying or patch_id in self._patches.known
        if answer:
            self.commands.append({"setPatchMarker": {"patchId": patch_id, "deprecated": deprecated}})
        return answer

    def stack_trace(self) -> str:
        """Where each task waits."""
        parts = []
        for task in self._tasks():
            lines = traceback.format_list(traceback.StackSummary.extract(waiting_frames(task.get_coro())))
            parts.append(f"Stack for {task.get_name()}:\n" + "".join(lines))
        return "\n".join(parts)

    def _tasks(self) -> list[Any]:
        return sorted(self.loop.tasks, key=hash)


def waiting_frames(coroutine: Any) -> Iterator[tuple[Any, int]]:
    """The frames of a coroutine and of what it awaits, without those of this package."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None and not frame.f_code.co_filename.startswith(_PACKAGE):
            yield frame, frame.f_lineno
        coroutine = getattr(coroutine, "cr_await", None)


class Clock:
    """The time of a run, which is that of the last event it was told of. Also what a module sees while it is loaded."""

    def __init__(self, now_ns: int = 0) -> None:
        self.now_ns = now_ns

    def __call__(self) -> int:
        return self.now_ns


class _Reading:
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance

    def __enter__(self) -> None:
        self._before = self._instance.is_read_only
        self._instance.is_read_only = True

    def __exit__(self, *_: Any) -> None:
        self._instance.is_read_only = self._before

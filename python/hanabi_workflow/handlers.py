"""Signals, queries and updates: who handles them, what waits for a handler, and which handlers are still busy."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from .common import RawValue
from .converter import from_payloads, to_payload
from .definitions import HandlerDefinition
from .failures import to_failure
from .info import UpdateInfo

if TYPE_CHECKING:
    from .instance import WorkflowInstance

logger = logging.getLogger("temporalio.workflow")

current_update: contextvars.ContextVar[UpdateInfo | None] = contextvars.ContextVar("hanabi_update", default=None)


class HandlerUnfinishedPolicy(Enum):
    """What to do about handlers that are still busy when the workflow ends."""

    WARN_AND_ABANDON = 1
    ABANDON = 2


class UnfinishedUpdateHandlersWarning(RuntimeWarning):
    pass


class UnfinishedSignalHandlersWarning(RuntimeWarning):
    pass


class Handlers:
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        definition = instance.definition
        self.signals = dict(definition.signals)
        self.queries = dict(definition.queries)
        self.updates = dict(definition.updates)
        self._waiting_signals: list[Mapping[str, Any]] = []
        self._busy: dict[int, tuple[str, HandlerDefinition]] = {}
        self._number = 0

    def all_finished(self) -> bool:
        return not self._busy

    def warn_of_unfinished(self) -> None:
        noisy = [
            (kind, handler.name or "dynamic")
            for kind, handler in self._busy.values()
            if handler.unfinished_policy in (None, HandlerUnfinishedPolicy.WARN_AND_ABANDON)
        ]
        for kind, category in (("signal", UnfinishedSignalHandlersWarning), ("update", UnfinishedUpdateHandlersWarning)):
            names = [name for each, name in noisy if each == kind]
            if names:
                warnings.warn(
                    f"The workflow ended while handlers of {kind}s were busy: {', '.join(names)}. "
                    "Wait for workflow.all_handlers_finished() before it ends.",
                    category,
                    stacklevel=2,
                )

    # --- Signals ------------------------------------------------------------------------------------------------------

    def signal(self, job: Mapping[str, Any]) -> None:
        handler = self.signals.get(job["signalName"]) or self.signals.get(None)
        if handler is None:
            # One may be set later; a signal is never lost.
            self._waiting_signals.append(job)
            return
        arguments = self._arguments_or_none(handler, job["signalName"], job.get("input") or ())
        if arguments is None:
            return
        self._instance.loop.create_task(
            self._instance.guarded(self._busy_with("signal", handler, arguments)), name=f"signal {job['signalName']}"
        )

    def _arguments_or_none(self, handler: HandlerDefinition, name: str, payloads: Sequence[Any]) -> list[Any] | None:
        try:
            return self._arguments(handler, name, payloads)
        except Exception:
            # A sender that says nonsense must not be able to stop the workflow.
            logger.exception("Failed deserializing signal input for %s, dropping the signal", name)
            return None

    async def _busy_with(self, kind: str, handler: HandlerDefinition, arguments: list[Any]) -> Any:
        self._number += 1
        number = self._number
        self._busy[number] = (kind, handler)
        try:
            result = self._call(handler, arguments)
            return await result if inspect.isawaitable(result) else result
        finally:
            self._busy.pop(number, None)

    # --- Queries ------------------------------------------------------------------------------------------------------

    def query(self, job: Mapping[str, Any]) -> None:
        instance = self._instance
        answer: dict[str, Any] = {"queryId": job["queryId"]}
        try:
            with instance.reading():
                answer["succeeded"] = {"response": to_payload(self._answer(job))}
        except Exception as error:
            answer["failed"] = to_failure(error)
        instance.commands.append({"respondToQuery": answer})

    def _answer(self, job: Mapping[str, Any]) -> Any:
        name = job["queryType"]
        if name == "__stack_trace":
            return self._instance.stack_trace()
        handler = self.queries.get(name) or self.queries.get(None)
        if handler is None:
            known = " ".join(sorted(each for each in self.queries if each))
            raise RuntimeError(f"Query handler for '{name}' expected but not found, known queries: [{known}]")
        result = self._call(handler, self._arguments(handler, name, job.get("arguments") or ()))
        if not inspect.iscoroutine(result):
            return result
        task = self._instance.loop.create_task(result)
        self._instance.loop.run_ready()
        if not task.done():
            task.cancel()
            raise RuntimeError(f"Query handler for '{name}' waited for something; queries can only read")
        return task.result()

    # --- Updates ------------------------------------------------------------------------------------------------------

    def update(self, job: Mapping[str, Any]) -> None:
        self._instance.loop.create_task(self._instance.guarded(self._update(job)), name=f"update {job['name']}")

    async def _update(self, job: Mapping[str, Any]) -> None:
        instance = self._instance
        protocol_id = job.get("protocolInstanceId") or job["id"]
        current_update.set(UpdateInfo(job["id"], job["name"]))

        def respond(**response: Any) -> None:
            instance.commands.append({"updateResponse": {"protocolInstanceId": protocol_id, **response}})

        try:
            handler, arguments = self._accept(job)
        except Exception as error:
            respond(rejected=to_failure(error))
            return
        respond(accepted={})
        try:
            result = await self._busy_with("update", handler, arguments)
            respond(completed=to_payload(result))
        except asyncio.CancelledError as error:
            if not instance.is_closing:
                respond(rejected=to_failure(error))
            raise
        except Exception as error:
            if instance.is_failure(error):
                respond(rejected=to_failure(error))
            else:
                instance.loop.problem = error

    def _accept(self, job: Mapping[str, Any]) -> tuple[HandlerDefinition, list[Any]]:
        """The handler with its arguments, once its validator had nothing against them."""
        name = job["name"]
        handler = self.updates.get(name) or self.updates.get(None)
        if handler is None:
            known = " ".join(sorted(each for each in self.updates if each))
            raise RuntimeError(f"Update handler for '{name}' expected but not found, known updates: [{known}]")
        arguments = self._arguments(handler, name, job.get("input") or ())
        if handler.validator is not None and job.get("runValidator"):
            with self._instance.reading():
                checked = HandlerDefinition(handler.name, handler.validator, handler.is_method)
                self._call(checked, self._arguments(handler, name, job.get("input") or ()))
        return handler, arguments

    # --- All three ----------------------------------------------------------------------------------------------------

    def set(self, kind: str, name: str | None, handler: HandlerDefinition | None) -> None:
        table = {"signal": self.signals, "query": self.queries, "update": self.updates}[kind]
        if handler is None:
            table.pop(name, None)
            return
        table[name] = handler
        if kind == "signal":
            waiting, self._waiting_signals = self._waiting_signals, []
            for job in waiting:
                self.signal(job)

    def get(self, kind: str, name: str | None) -> Callable | None:
        table = {"signal": self.signals, "query": self.queries, "update": self.updates}[kind]
        handler = table.get(name)
        if handler is None:
            return None
        return getattr(self._instance.object, handler.function.__name__) if handler.is_method else handler.function

    def _call(self, handler: HandlerDefinition, arguments: list[Any]) -> Any:
        return handler.function(*((self._instance.object,) if handler.is_method else ()), *arguments)

    def _arguments(self, handler: HandlerDefinition, name: str, payloads: Sequence[Mapping[str, Any]]) -> list[Any]:
        if handler.name is None:
            return [name, [RawValue(payload) for payload in payloads]]
        hints = handler.hints.arguments
        values = from_payloads(payloads, hints)
        return values if hints is None else values[: len(hints)]

"""`temporalio.worker.Replayer`: would this code come to the same as the histories that are there?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .connection import Connection, HostError
from .environments import WorkflowRunner
from .executions import WorkflowHistory
from .instance import InstanceOptions
from .sandbox.errors import NondeterminismError
from .workflow_host import WorkflowHost


@dataclass(frozen=True)
class WorkflowReplayResult:
    history: WorkflowHistory
    replay_failure: Exception | None


@dataclass(frozen=True)
class WorkflowReplayResults:
    """What failed, by run id."""

    replay_failures: Mapping[str, Exception]


class Replayer:
    """Plays histories again with these workflows. Nothing is started, and no activity runs."""

    def __init__(
        self,
        *,
        workflows: Sequence[type],
        workflow_runner: WorkflowRunner | None = None,
        namespace: str = "ReplayNamespace",
        workflow_failure_exception_types: Sequence[type[BaseException]] = (),
        **_: Any,
    ) -> None:
        failures = tuple(workflow_failure_exception_types)
        options = InstanceOptions(namespace=namespace, failure_exception_types=failures)
        self._host = WorkflowHost(workflows, runner=workflow_runner, options=options)
        self._queue = f"replay-{uuid4()}"

    async def replay_workflow(
        self, history: WorkflowHistory, *, raise_on_replay_failure: bool = True
    ) -> WorkflowReplayResult:
        """Raises, or gives in the result, a NondeterminismError that says where code and history part."""
        connection = await Connection.to_host()
        connection.serve({f"workflow:{self._queue}": self._activate})
        failure = None
        try:
            await connection.ask("replay", taskQueue=self._queue, events=list(history.events))
        except HostError as error:
            failure = NondeterminismError(str(error))
        if failure is not None and raise_on_replay_failure:
            raise failure
        return WorkflowReplayResult(history, failure)

    async def replay_workflows(
        self, histories: AsyncIterator[WorkflowHistory], *, raise_on_replay_failure: bool = True
    ) -> WorkflowReplayResults:
        failures = {}
        async for history in histories:
            result = await self.replay_workflow(history, raise_on_replay_failure=raise_on_replay_failure)
            if result.replay_failure is not None:
                failures[history.run_id] = result.replay_failure
        return WorkflowReplayResults(failures)

    async def _activate(self, activation: Mapping[str, Any]) -> dict[str, Any]:
        return self._host.activate(activation)

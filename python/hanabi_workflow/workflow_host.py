"""The workflows of a process and the runs that it holds in memory. What it does not hold is replayed from history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .definitions import WorkflowDefinition
from .environments import SandboxedWorkflowRunner, WorkflowRunner
from .failures import to_failure
from .instance import Clock, InstanceOptions, WorkflowInstance
from .wire_values import nanoseconds_from_wire


class WorkflowHost:
    def __init__(
        self, workflows: Sequence[type], *, runner: WorkflowRunner | None = None, options: InstanceOptions | None = None
    ) -> None:
        self._definitions: dict[str | None, WorkflowDefinition] = {}
        for each in workflows:
            definition = WorkflowDefinition.of(each)
            if definition.name in self._definitions:
                raise ValueError(f"More than one workflow named {definition.name}")
            self._definitions[definition.name] = definition
        self._runner = runner or SandboxedWorkflowRunner()
        self._options = options or InstanceOptions()
        self._instances: dict[str, WorkflowInstance] = {}

    @property
    def names(self) -> list[str | None]:
        return list(self._definitions)

    @property
    def cached_runs(self) -> list[str]:
        return list(self._instances)

    def activate(self, activation: Mapping[str, Any]) -> dict[str, Any]:
        """The completion of an activation. A run that is not here must be initialised by it."""
        run_id = activation["runId"]
        jobs = activation.get("jobs") or ()
        instance = self._instances.get(run_id)
        if any("removeFromCache" in job for job in jobs):
            if instance is not None:
                instance.activate(activation)
                del self._instances[run_id]
            return {"runId": run_id, "successful": {"commands": []}}
        if instance is not None and any("initializeWorkflow" in job for job in jobs):
            # The host begins the run anew: what is here is not what its history says.
            instance.close()
            instance = None
        if instance is None:
            try:
                instance = self._open(run_id, activation, jobs)
            except Exception as error:
                return {"runId": run_id, "failed": {"failure": to_failure(error)}}
            self._instances[run_id] = instance
        return instance.activate(activation)

    def _open(self, run_id: str, activation: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]]) -> WorkflowInstance:
        start = next((job["initializeWorkflow"] for job in jobs if "initializeWorkflow" in job), None)
        if start is None:
            raise RuntimeError("The run is not in memory, and the activation does not start it")
        name = start.get("workflowType", "")
        definition = self._definitions.get(name) or self._definitions.get(None)
        if definition is None:
            known = ", ".join(sorted(each for each in self._definitions if each))
            raise RuntimeError(f"Workflow class {name} is not registered on this worker, available workflows: {known}")
        clock = Clock(nanoseconds_from_wire(activation.get("timestamp")))
        inside, environment = self._runner.open(definition, int(start.get("randomnessSeed", 0)), clock)
        return WorkflowInstance(inside, environment, clock, run_id, self._options)

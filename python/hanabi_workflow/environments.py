"""The two environments that a workflow's code can execute in, and the runners that workers choose by."""

from __future__ import annotations

import random
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from .definitions import WorkflowDefinition
from .instance import Clock, Environment
from .sandbox.restrictions import SandboxRestrictions
from .sandbox.run import SandboxRun

# What the file of `python hello.py` is called inside: `if __name__ == "__main__"` must not be true a second time.
MAIN = "__temporal_main__"


class PlainRun:
    """No sandbox: the class as it was imported, with all that other runs did to its module."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    @contextmanager
    def executing(self) -> Iterator[None]:
        yield

    def begin(self) -> None:
        """Nothing to begin: its rules never change."""

    def reseed(self, seed: int) -> None:
        self.random.seed(seed)

    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)


class WorkflowRunner(Protocol):
    def open(self, definition: WorkflowDefinition, seed: int, clock: Clock) -> tuple[WorkflowDefinition, Environment]: ...


class UnsandboxedWorkflowRunner:
    """For a worker whose workflows are trusted to be deterministic."""

    def open(self, definition: WorkflowDefinition, seed: int, clock: Clock) -> tuple[WorkflowDefinition, Environment]:
        return definition, PlainRun(seed)


class SandboxedWorkflowRunner:
    """Loads the file of the workflow anew for every run, under restrictions."""

    def __init__(self, *, restrictions: SandboxRestrictions = SandboxRestrictions.default, runner_class: Any = None) -> None:
        self.restrictions = restrictions

    def open(self, definition: WorkflowDefinition, seed: int, clock: Clock) -> tuple[WorkflowDefinition, Environment]:
        if not definition.sandboxed:
            return definition, PlainRun(seed)
        run = SandboxRun(self.restrictions, seed=seed, time_ns=clock)
        name = definition.cls.__module__
        outside = sys.modules.get(name)
        path = getattr(outside, "__file__", None) if name == "__main__" else None
        module = run.load(MAIN if name == "__main__" else name, path=path)
        found: Any = module
        for part in definition.cls.__qualname__.split("."):
            found = getattr(found, part)
        return WorkflowDefinition.of(found), run

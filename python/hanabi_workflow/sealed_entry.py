"""The file of a module that defines its workflows and activities, in a sealed process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hanabi_runner.failure import Failure
from hanabi_runner.loader import load_worker

from .definitions import ActivityDefinition, WorkflowDefinition
from .script import COMPAT


def load_entry(entry: str, libraries: Sequence[str]) -> tuple[list[type], list[Callable]]:
    """Its workflow classes and its activities: whatever of both has a name at the top of the file."""
    sys.path.insert(0, COMPAT)
    module = load_worker(entry, libraries)
    workflows = _defined(vars(module), WorkflowDefinition.of, lambda value: isinstance(value, type))
    activities = _defined(vars(module), ActivityDefinition.of, callable)
    if not workflows:
        raise Failure("no_run", f"{entry} has no class with @workflow.defn")
    return workflows, activities


def _defined(space: Mapping[str, Any], definition_of: Callable, may_be: Callable[[Any], bool]) -> list[Any]:
    found: dict[int, Any] = {}
    for value in space.values():
        if not may_be(value):
            continue
        try:
            definition_of(value)
        except ValueError:
            continue
        found[id(value)] = value
    return list(found.values())

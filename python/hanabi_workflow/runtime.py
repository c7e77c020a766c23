"""Which workflow instance this thread is executing: set while it is activated, and at no other time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .exceptions import TemporalError

if TYPE_CHECKING:
    from .instance import WorkflowInstance


class _NotInWorkflowEventLoopError(TemporalError):
    def __init__(self) -> None:
        super().__init__("Not in workflow event loop")


class _Current(threading.local):
    instance: WorkflowInstance | None = None


_current = _Current()


@contextmanager
def executing(instance: WorkflowInstance) -> Iterator[None]:
    before = _current.instance
    _current.instance = instance
    try:
        yield
    finally:
        _current.instance = before


def current_or_none() -> WorkflowInstance | None:
    return _current.instance


def current() -> WorkflowInstance:
    """The instance whose code is running. While modules are loaded there is none."""
    instance = _current.instance
    if instance is None:
        raise _NotInWorkflowEventLoopError
    return instance


def in_workflow() -> bool:
    return _current.instance is not None



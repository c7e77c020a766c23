"""Which run is executing on this thread, and whose frame is asking.

A run marks its own code by its builtins: every frame of it, also of what it hands to exec or eval, carries the one
dictionary that the run made, or the one that it made for a lazy module. So the question is a comparison of pointers, and
names cannot lie about it.
"""

from __future__ import annotations

import threading
from types import FrameType
from typing import TYPE_CHECKING

from .lazy import WaitingNames

if TYPE_CHECKING:
    from .run import SandboxRun


class _Active(threading.local):
    run: SandboxRun | None = None


active = _Active()


def restricted_run() -> SandboxRun | None:
    """The run of this thread, unless there is none or its code just now asked to be unrestricted."""
    run = active.run
    return None if run is None or run.is_unrestricted() else run


def is_inside(frame: FrameType, run: SandboxRun) -> bool:
    """Whether the frame executes code that the run loaded, not code that was passed through."""
    builtins = frame.f_builtins
    return builtins is run.builtins or type(builtins) is WaitingNames and builtins.run is run

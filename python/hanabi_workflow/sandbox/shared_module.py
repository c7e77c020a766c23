"""Modules that all runs share may not be changed by one of them.

The class of the real module is exchanged for one that looks at who assigns. Reading stays as fast as it was.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from .active import is_inside, restricted_run
from .errors import SharedModuleChangeError


def refuse_change(module: ModuleType, name: str, depth: int = 2) -> None:
    run = restricted_run()
    if run is not None and is_inside(sys._getframe(depth), run):
        raise SharedModuleChangeError(f"{module.__name__}.{name}")


class SharedModule(ModuleType):
    """A module that code of a run cannot assign to."""

    def __setattr__(self, name: str, value: Any) -> None:
        refuse_change(self, name)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        refuse_change(self, name)
        super().__delattr__(name)


def share(module: object) -> None:
    """Makes a module a shared one, unless it brought a class of its own."""
    if type(module) is ModuleType:
        module.__class__ = SharedModule

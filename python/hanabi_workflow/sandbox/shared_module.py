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


class PackageView(SharedModule):
    """A package that all runs share, as one run sees it: some of its children are that run's own."""

    def __init__(self, package: ModuleType) -> None:
        super().__init__(package.__name__, package.__doc__)
        vars(self).update({name: getattr(package, name) for name in ("__path__", "__package__", "__spec__")})
        vars(self)["_package"] = package

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_package"], name)

    def __dir__(self) -> list[str]:
        return dir(vars(self)["_package"])


def share(module: object) -> None:
    """Makes a module a shared one, unless it brought a class of its own."""
    if type(module) is ModuleType:
        module.__class__ = SharedModule

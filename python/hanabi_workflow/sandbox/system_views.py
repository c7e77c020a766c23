"""What code of a run sees of the interpreter itself: the modules that are its own, and copies of the paths."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, MutableMapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .active import active, is_inside, restricted_run
from .errors import SharedModuleChangeError
from .members import class_of_its_own
from .shared_module import refuse_change

if TYPE_CHECKING:
    from .run import SandboxRun

_COPIED = ("path", "meta_path", "path_hooks", "warnoptions", "path_importer_cache")
_guarded = False


class ModulesView(MutableMapping):
    """sys.modules as a run has it: its own modules and those that are passed through. It cannot be changed."""

    def __init__(self, run: SandboxRun) -> None:
        self._run = run

    def __getitem__(self, name: str) -> ModuleType:
        module = self._run.importer.visible(name)
        if module is None:
            raise KeyError(name)
        return module

    def __iter__(self) -> Iterator[str]:
        return iter(self._run.importer.visible_names())

    def __len__(self) -> int:
        return len(self._run.importer.visible_names())

    def __setitem__(self, name: str, module: Any) -> None:
        raise SharedModuleChangeError(f"sys.modules[{name!r}]")

    def __delitem__(self, name: str) -> None:
        raise SharedModuleChangeError(f"sys.modules[{name!r}]")


def guard_system() -> None:
    """Once for the process."""
    global _guarded
    if _guarded:
        return
    _guarded = True
    space = vars(sys)

    def seen(name: str, see: Any) -> None:
        def read(module: ModuleType) -> Any:
            run = restricted_run()
            if run is None or not is_inside(sys._getframe(1), run):
                return space[name]
            return see(run, space[name])

        def write(module: ModuleType, value: Any) -> None:
            refuse_change(module, name)
            space[name] = value

        setattr(class_of_its_own(sys), name, property(read, write))

    seen("modules", lambda run, _: ModulesView(run))
    for name in _COPIED:
        seen(name, lambda _, value: value.copy())

    import_module = importlib.import_module

    def import_in_run(name: str, package: str | None = None) -> ModuleType:
        run = active.run
        if run is None or not is_inside(sys._getframe(1), run):
            return import_module(name, package)
        full_name = importlib.util.resolve_name(name, package) if name.startswith(".") else name
        return run.importer.require(full_name)

    importlib.import_module = import_in_run
    builtin_import = importlib.__import__

    def dunder_import(*args: Any, **kwargs: Any) -> ModuleType:
        run = active.run
        if run is None or not is_inside(sys._getframe(1), run):
            return builtin_import(*args, **kwargs)
        return run.importer.import_name(*args, **kwargs)

    importlib.__import__ = dunder_import

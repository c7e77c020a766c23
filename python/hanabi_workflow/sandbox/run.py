"""One run: its own modules and builtins, its clock, its randomness, and whether it is restricted just now."""

from __future__ import annotations

import builtins
import contextvars
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .active import active
from .guards import guards
from .identity import Identities, RunObject, guard_copying
from .importer import Importer
from .matcher import RestrictionContext
from .policy import SandboxImportNotificationPolicy
from .restrictions import SandboxRestrictions
from .system_views import guard_system

# One run at a time: while it executes, sys.modules shows its modules.
_turn = threading.RLock()


class _Opening:
    """A block that is unrestricted until it is left, for the tasks that were started inside it, too."""

    __slots__ = ("is_open", "run")

    def __init__(self, run: SandboxRun) -> None:
        self.run = run
        self.is_open = True


# In a context variable, and naming its run: while a block awaits, neither another task of the run nor another run on
# the same thread is unrestricted.
_opening: contextvars.ContextVar[_Opening | None] = contextvars.ContextVar("hanabi_unrestricted", default=None)


class SandboxRun:
    """`time_ns` tells the time of the workflow in nanoseconds since 1970; `seed` makes its randomness."""

    def __init__(self, restrictions: SandboxRestrictions, *, seed: int, time_ns: Callable[[], int]) -> None:
        guards.install()
        guard_system()
        guard_copying()
        guards.add_policy(restrictions.invalid_module_members)
        self.restrictions = restrictions
        self.context = RestrictionContext()
        self.random = random.Random(seed)
        self.time_ns = time_ns
        self.import_policy: SandboxImportNotificationPolicy | None = None
        self.importer = Importer(self)
        self.identities = Identities()
        self.builtins: dict[str, Any] = {
            **vars(builtins),
            "__import__": self.importer.import_name,
            "__build_class__": self._build_class,
            "id": self.identities.number_of,
        }

    @contextmanager
    def executing(self) -> Iterator[None]:
        """Inside, code of this run may execute on this thread."""
        with _turn:
            before = active.run
            if before is self:
                yield
                return
            if before is not None:
                before.importer.hide_modules()
            self.importer.show_modules()
            active.run = self
            try:
                yield
            finally:
                active.run = before
                self.importer.hide_modules()
                if before is not None:
                    before.importer.show_modules()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Inside, the thread is outside of the run again, as for imports that are passed through."""
        active.run = None
        self.importer.hide_modules()
        try:
            yield
        finally:
            self.importer.show_modules()
            active.run = self

    def load(self, module_name: str, *, path: str | None = None) -> ModuleType:
        """Loads the module of the workflow, anew and for this run alone."""
        with self.executing():
            return self.importer.load_own(module_name, path)

    def begin(self) -> None:
        """From now on what counts is what holds at run time."""
        self.context.is_runtime = True

    @contextmanager
    def unrestricted(self) -> Iterator[None]:
        opening = _Opening(self)
        token = _opening.set(opening)
        try:
            yield
        finally:
            opening.is_open = False
            try:
                _opening.reset(token)
            except ValueError:
                # The block was closed from another context, as a generator that is collected is.
                pass

    def is_unrestricted(self) -> bool:
        opening = _opening.get()
        return opening is not None and opening.is_open and opening.run is self

    def reseed(self, seed: int) -> None:
        self.random.seed(seed)

    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def _build_class(self, body: Any, name: str, /, *bases: Any, **keywords: Any) -> Any:
        # Without bases a class would hash by address, and a set of its objects be ordered by chance.
        if bases in ((), (object,)) and not keywords:
            bases = (RunObject,)
        return builtins.__build_class__(body, name, *bases, **keywords)



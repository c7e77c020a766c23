"""Members of modules that are no functions: constants, objects and types of C. Code of a run gets a stand-in.

A property on the class of that one module decides who gets what, so the module keeps its identity, and passed-through
code sees no difference.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .active import is_inside, restricted_run
from .decide import refuse_if_matched
from .matcher import RestrictionContext
from .shared_module import SharedModule, refuse_change

if TYPE_CHECKING:
    from .effects import Effect
    from .run import SandboxRun

_AT_RUNTIME = RestrictionContext(is_runtime=True)


def class_of_its_own(module: ModuleType) -> type:
    """The class that only this module has, so that properties can be put on it."""
    if type(module) in (ModuleType, SharedModule):
        module.__class__ = type("SharedModule", (type(module),), {"__slots__": ()})
    return type(module)


def guard_member(module: ModuleType, name: str, effect: Effect) -> None:
    space = vars(module)

    def read(self: ModuleType) -> Any:
        if name not in space:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = space[name]
        run = restricted_run()
        frame = sys._getframe(1)
        # A module may always use what is its own.
        if run is None or not is_inside(frame, run) or frame.f_globals is space:
            return value
        return stand_in(run, effect, value)

    def write(self: ModuleType, value: Any) -> None:
        refuse_change(self, name)
        space[name] = value

    def delete(self: ModuleType) -> None:
        refuse_change(self, name)
        del space[name]

    setattr(class_of_its_own(module), name, property(read, write, delete))


def stand_in(run: SandboxRun, effect: Effect, value: Any) -> Any:
    """The value itself where the policy has nothing against it; refused where even looking it up is."""
    members = run.restrictions.invalid_module_members
    refused_at_import = members.match_access(run.context, *effect.path)
    if refused_at_import:
        refuse_if_matched(run, effect.path, effect.remedy, include_use=False)
        return value
    if members.match_access(_AT_RUNTIME, *effect.path, include_use=True):
        return RestrictedMember(run, effect, value)
    return value


class RestrictedMember:
    """Refuses to be used, once the policy says so; until then (while modules are loaded) it does as the real one."""

    __slots__ = ("_effect", "_run", "_value")

    def __init__(self, run: SandboxRun, effect: Effect, value: Any) -> None:
        object.__setattr__(self, "_run", run)
        object.__setattr__(self, "_effect", effect)
        object.__setattr__(self, "_value", value)

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return type(object.__getattribute__(self, "_value"))
        return getattr(_allowed(self), name)

    def __mro_entries__(self, bases: tuple) -> tuple:
        return (_allowed(self),)

    # Asking whether something is one makes no difference to the world.
    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, object.__getattribute__(self, "_value"))

    def __subclasscheck__(self, cls: type) -> bool:
        return issubclass(cls, object.__getattribute__(self, "_value"))


def _allowed(member: RestrictedMember) -> Any:
    run = object.__getattribute__(member, "_run")
    effect = object.__getattribute__(member, "_effect")
    if not run.is_unrestricted():
        refuse_if_matched(run, effect.path, effect.remedy)
    return object.__getattribute__(member, "_value")


def _forward(name: str) -> Any:
    def method(self: RestrictedMember, *args: Any, **kwargs: Any) -> Any:
        value = _allowed(self)
        found = getattr(type(value), name, None)
        if found is None:
            raise TypeError(f"{type(value).__name__!r} object has no {name}")
        return found(value, *args, **kwargs)

    return method


for _name in (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow and rand or ror xor rxor lshift "
    "rshift neg pos abs invert eq ne lt le gt ge hash bool len iter next reversed contains getitem setitem delitem call "
    "str repr format bytes int float index round setattr delattr enter exit aenter aexit await aiter anext"
).split():
    setattr(RestrictedMember, f"__{_name}__", _forward(f"__{_name}__"))

"""Guards, set in place in the real modules and types, once for the process and inert outside of runs.

In place, because a proxy is never quite the thing: with proxies `type(datetime(2020, 1, 1)) is datetime` fails, and so
do subclassing, pattern matching and isinstance. And because whatever other way leads to the function (io.open,
sys.modules, a C twin such as posix) then leads to the guard.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from .active import active
from .decide import caller, decide
from .effects import DEEP, EFFECTS, Effect
from .matcher import ANY, RestrictionContext, SandboxMatcher
from .members import guard_member
from .shared_module import share

_FUNCTIONS = (BuiltinFunctionType, FunctionType, MethodType, type(len))
_modified = ctypes.pythonapi.PyType_Modified
_modified.argtypes = [ctypes.py_object]
_modified.restype = None


class GuardedFunction:
    """Stands where a function of a module stood. An object and no function: like a builtin it does not bind."""

    def __init__(self, effect: Effect, original: Any) -> None:
        functools.update_wrapper(self, original)
        self.effect = effect
        # Bound here, so that calling outside of runs costs little.
        self.original = original

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        effect = self.effect
        if decide(effect, args, kwargs, caller()):
            return effect.substitute(active.run, self.original, *args, **kwargs)  # type: ignore[misc]
        return self.original(*args, **kwargs)

    def __repr__(self) -> str:
        return repr(self.original)

    def __reduce__(self) -> str:
        return self.original.__name__


class Guards:
    """All guards of the process. Rows wait for their module: guarding must not import anything."""

    def __init__(self) -> None:
        self._by_module: dict[str, list[Effect]] = {}
        self._table_loaded: set[str] = set()
        self._policies: dict[int, SandboxMatcher] = {}
        self._modules_seen = 0

    def install(self) -> None:
        """Guards what EFFECTS names and shares every module that is loaded. May be called again."""
        if not self._by_module:
            for effect in EFFECTS:
                self._by_module.setdefault(_module_of(effect), []).append(effect)
        if len(sys.modules) == self._modules_seen:
            return
        for name, module in list(sys.modules.items()):
            if isinstance(module, ModuleType):
                share(module)
                self.guard_shared(name, module)
        self._modules_seen = len(sys.modules)

    def guard_shared(self, name: str, module: ModuleType) -> None:
        """Sets what waits for a module that all runs share. The name is that of sys.modules: _io calls itself io."""
        if name in self._table_loaded:
            return
        self._table_loaded.add(name)
        for effect in self._by_module.get(name, ()):
            _guard(module, effect)
        for policy in self._policies.values():
            guard_by_policy(name, module, policy)

    def add_policy(self, policy: SandboxMatcher) -> None:
        """Guards for what a matcher names beyond the table, in the modules that are shared."""
        if id(policy) in self._policies:
            return
        self._policies[id(policy)] = policy
        for name in list(self._table_loaded):
            if name in sys.modules:
                guard_by_policy(name, sys.modules[name], policy)


_AT_IMPORT = RestrictionContext()


def guard_by_policy(name: str, module: ModuleType, policy: SandboxMatcher) -> None:
    """Sets what a policy names of this module and the table does not guard already."""
    path = ("__builtins__",) if name == "builtins" else tuple(name.split("."))
    node = policy.child_matcher(*path)
    if node is None:
        return
    leaves = [(ANY,)] if node.match_self else list(node.leaves())
    for leaf in leaves:
        effect = Effect((*path, *leaf), len(path))
        at_look_up = policy.match_access(_AT_IMPORT, *effect.path)
        if at_look_up or effect.path not in _PATHS:
            _guard(module, effect, members_only=True)


_PATHS = frozenset(effect.path for effect in EFFECTS)


def _module_of(effect: Effect) -> str:
    name = ".".join(effect.path[: effect.module_parts])
    return "builtins" if name == "__builtins__" else name


def _guard(module: ModuleType, effect: Effect, *, members_only: bool = False) -> None:
    *holders, name = effect.path[effect.module_parts :]
    holder: Any = module
    for step in holders:
        holder = vars(holder).get(step) if isinstance(holder, ModuleType) else getattr(holder, step, None)
    if isinstance(holder, type):
        _guard_class_member(holder, name, effect)
    elif holder is module:
        _guard_module_member(module, name, effect, members_only)


def _guard_module_member(module: ModuleType, name: str, effect: Effect, members_only: bool) -> None:
    space = vars(module)
    if name == ANY:
        for each in [key for key in space if not key.startswith("__")]:
            _guard_module_member(module, each, Effect((*effect.path[:-1], each)), members_only)
        return
    original = space.get(name)
    if original is None or isinstance(original, GuardedFunction) and not members_only:
        return
    if members_only or not isinstance(original, _FUNCTIONS):
        guard_member(module, name, effect)
        return
    guarded = GuardedFunction(effect, original)
    space[name] = guarded
    if effect.reach == DEEP or effect.substitute is not None:
        _replace_everywhere(original, guarded)


def _replace_everywhere(original: Any, guarded: GuardedFunction) -> None:
    """Modules that took the function with `from … import` hold it under names of their own."""
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", "")
        if not isinstance(module, ModuleType) or name.startswith(("importlib._", "_frozen", "hanabi_workflow", "zipimport")):
            continue
        space = vars(module)
        for key in [key for key, value in space.items() if value is original]:
            space[key] = guarded


def _guard_class_member(cls: type, name: str, effect: Effect) -> None:
    descriptor = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)
    if descriptor is None:
        return
    if type(descriptor).__name__ in ("classmethod", "classmethod_descriptor"):
        guarded: Any = _guarded_classmethod(effect, descriptor)
    elif callable(descriptor):
        guarded = _guarded_method(effect, descriptor)
    else:
        return
    try:
        setattr(cls, name, guarded)
    except TypeError:
        # A type written in C refuses attributes, though its dictionary is a dictionary. The interpreter is told to
        # forget what it cached of the type.
        gc.get_referents(vars(cls))[0][name] = guarded
        _modified(cls)


def _guarded_classmethod(effect: Effect, descriptor: Any) -> classmethod:
    def guarded(cls: type, *args: Any, **kwargs: Any) -> Any:
        original = descriptor.__get__(None, cls)
        if decide(effect, args, kwargs, caller()):
            return effect.substitute(active.run, original, cls, *args, **kwargs)  # type: ignore[misc]
        return original(*args, **kwargs)

    functools.update_wrapper(guarded, getattr(descriptor, "__func__", descriptor))
    return classmethod(guarded)


def _guarded_method(effect: Effect, original: Any) -> FunctionType:
    @functools.wraps(original)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if decide(effect, args, kwargs, caller()):
            return effect.substitute(active.run, original, *args, **kwargs)  # type: ignore[misc]
        return original(*args, **kwargs)

    return guarded


guards = Guards()

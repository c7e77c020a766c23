"""What `@workflow.defn` and its companions write down about a class, and `@activity.defn` about a function."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_WORKFLOW = "__hanabi_workflow_definition"
_SIGNAL = "__hanabi_signal_definition"
_QUERY = "__hanabi_query_definition"
_UPDATE = "__hanabi_update_definition"
_ACTIVITY = "__hanabi_activity_definition"
_RUN = "__hanabi_workflow_run"
_INIT = "__hanabi_workflow_init"


@dataclass(frozen=True)
class Signature:
    """The hints of a function that is called with payloads: those of its arguments without self, and of its result."""

    arguments: tuple[Any, ...] | None
    result: Any

    @staticmethod
    def of(function: Callable, *, bound: bool) -> Signature:
        try:
            hints = typing.get_type_hints(function)
        except Exception:
            # A hint that cannot be resolved (an import for type checkers only) leaves the values as JSON has them.
            hints = {}
        parameters = list(inspect.signature(function).parameters.values())[1 if bound else 0 :]
        if any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters):
            return Signature(None, hints.get("return"))
        return Signature(tuple(hints.get(each.name) for each in parameters), hints.get("return"))


@dataclass(frozen=True)
class HandlerDefinition:
    """A handler of signals, queries or updates. Without a name it takes all that no other takes."""

    name: str | None
    function: Callable
    is_method: bool
    description: str | None = None
    unfinished_policy: Any = None
    validator: Callable | None = None

    @functools.cached_property
    def hints(self) -> Signature:
        return Signature.of(self.function, bound=self.is_method)


@dataclass
class WorkflowDefinition:
    name: str | None
    cls: type
    run_function: Callable
    signals: Mapping[str | None, HandlerDefinition] = field(default_factory=dict)
    queries: Mapping[str | None, HandlerDefinition] = field(default_factory=dict)
    updates: Mapping[str | None, HandlerDefinition] = field(default_factory=dict)
    sandboxed: bool = True
    failure_exception_types: Sequence[type[BaseException]] = ()
    init_takes_arguments: bool = False
    versioning_behavior: Any = None

    @functools.cached_property
    def hints(self) -> Signature:
        return Signature.of(self.run_function, bound=True)

    @staticmethod
    def of(cls: type) -> WorkflowDefinition:
        found = vars(cls).get(_WORKFLOW)
        if not isinstance(found, WorkflowDefinition):
            raise ValueError(f"Workflow {getattr(cls, '__name__', cls)} is missing @workflow.defn")
        return found

    @staticmethod
    def of_run(function: Callable) -> WorkflowDefinition:
        """The definition to which `MyWorkflow.run` belongs."""
        holder = getattr(function, _RUN, None)
        definition = holder[0] if isinstance(holder, list) and holder else None
        if definition is None:
            raise ValueError("Function is not the @workflow.run method of a workflow")
        return definition


def define_workflow(cls: type, **options: Any) -> WorkflowDefinition:
    """Collects what the class and its bases define, says what is wrong with it, and writes the definition down."""
    problems: list[str] = []
    members = {name: _member(cls, name) for name in dir(cls)}
    runs = [each for name, each in members.items() if hasattr(each, _RUN)]
    if len(runs) != 1:
        problems.append("@workflow.run is missing" if not runs else "Multiple @workflow.run methods found")
    kinds: dict[str, dict[str | None, HandlerDefinition]] = {_SIGNAL: {}, _QUERY: {}, _UPDATE: {}}
    for each in members.values():
        for kind, found in kinds.items():
            definition = getattr(each, kind, None)
            if definition is None:
                continue
            if definition.name in found and found[definition.name].function is not definition.function:
                problems.append(f"Multiple handlers found for {definition.name or 'the dynamic handler'}")
            found[definition.name] = definition
    if "<locals>" in cls.__qualname__ and options.get("sandboxed", True):
        problems.append("Local classes cannot be sandboxed: they cannot be found when the file is loaded anew")
    if problems:
        raise ValueError(f"Invalid workflow class for {len(problems)} reason{'s' * (len(problems) > 1)}: {', '.join(problems)}")
    run_function = runs[0]
    definition = WorkflowDefinition(
        cls=cls,
        run_function=run_function,
        signals=kinds[_SIGNAL],
        queries=kinds[_QUERY],
        updates=kinds[_UPDATE],
        init_takes_arguments=hasattr(getattr(cls, "__init__", None), _INIT),
        **options,
    )
    setattr(cls, _WORKFLOW, definition)
    if run_function.__name__ in vars(cls):
        getattr(run_function, _RUN)[:] = [definition]
    return definition


def _member(cls: type, name: str) -> Any:
    """A member without calling descriptors: a property of the author must not run here."""
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


def mark_run(function: Callable) -> None:
    if not inspect.iscoroutinefunction(function):
        raise ValueError("Workflow run method must be an async function")
    setattr(function, _RUN, [])


def mark_init(function: Callable) -> None:
    if function.__name__ != "__init__":
        raise ValueError("@workflow.init may only be used on the __init__ method")
    setattr(function, _INIT, True)


def mark_handler(kind: str, function: Callable, definition: HandlerDefinition) -> None:
    setattr(function, {"signal": _SIGNAL, "query": _QUERY, "update": _UPDATE}[kind], definition)


def handler_of(kind: str, function: Any) -> HandlerDefinition | None:
    return getattr(function, {"signal": _SIGNAL, "query": _QUERY, "update": _UPDATE}[kind], None)


@dataclass(frozen=True)
class ActivityDefinition:
    name: str | None
    function: Callable
    is_async: bool
    raises_in_thread: bool

    @functools.cached_property
    def hints(self) -> Signature:
        parameters = list(inspect.signature(self.function).parameters.values())
        bound = bool(parameters) and parameters[0].name == "self"
        return Signature.of(self.function, bound=bound)

    @staticmethod
    def of(function: Any) -> ActivityDefinition:
        found = getattr(function, _ACTIVITY, None)
        if found is None and not inspect.isfunction(function) and not inspect.ismethod(function):
            found = getattr(getattr(function, "__call__", None), _ACTIVITY, None)
        if not isinstance(found, ActivityDefinition):
            name = getattr(function, "__name__", str(function))
            raise ValueError(f"Activity {name} missing attributes, was it decorated with @activity.defn?")
        return found


def define_activity(function: Callable, name: str | None, *, raises_in_thread: bool) -> None:
    is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))
    setattr(function, _ACTIVITY, ActivityDefinition(name, function, is_async, raises_in_thread))

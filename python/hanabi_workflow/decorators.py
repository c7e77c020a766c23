"""`@workflow.defn` and what is written inside of such a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .definitions import HandlerDefinition, define_workflow, handler_of, mark_handler, mark_init, mark_run
from .handlers import HandlerUnfinishedPolicy


def defn(
    cls: type | None = None,
    *,
    name: str | None = None,
    sandboxed: bool = True,
    dynamic: bool = False,
    failure_exception_types: Sequence[type[BaseException]] = (),
    versioning_behavior: Any = None,
) -> Any:
    """Makes a class a workflow. `dynamic` takes all types that no other workflow of the worker has."""
    if dynamic and name is not None:
        raise RuntimeError("Cannot provide name and dynamic boolean")

    def decorate(cls: type) -> type:
        define_workflow(
            cls,
            name=None if dynamic else name or cls.__name__,
            sandboxed=sandboxed,
            failure_exception_types=tuple(failure_exception_types),
            versioning_behavior=versioning_behavior,
        )
        return cls

    return decorate(cls) if cls is not None else decorate


def run(function: Callable) -> Callable:
    mark_run(function)
    return function


def init(function: Callable) -> Callable:
    """On `__init__`: it takes the arguments that the run method takes."""
    mark_init(function)
    return function


def signal(
    function: Callable | None = None,
    *,
    name: str | None = None,
    dynamic: bool = False,
    unfinished_policy: HandlerUnfinishedPolicy = HandlerUnfinishedPolicy.WARN_AND_ABANDON,
    description: str | None = None,
) -> Any:
    return _handler("signal", function, name, dynamic, description, unfinished_policy)


def query(
    function: Callable | None = None, *, name: str | None = None, dynamic: bool = False, description: str | None = None
) -> Any:
    return _handler("query", function, name, dynamic, description, None)


def update(
    function: Callable | None = None,
    *,
    name: str | None = None,
    dynamic: bool = False,
    unfinished_policy: HandlerUnfinishedPolicy = HandlerUnfinishedPolicy.WARN_AND_ABANDON,
    description: str | None = None,
) -> Any:
    """A handler that answers. `@method.validator` marks what may refuse the update before it leaves a trace."""

    def with_validator(function: Callable) -> Callable:
        decorated = _handler("update", function, name, dynamic, description, unfinished_policy)

        def validator(check: Callable) -> Callable:
            mark_handler("update", decorated, replace(handler_of("update", decorated), validator=check))
            return check

        decorated.validator = validator
        return decorated

    return with_validator(function) if function is not None else with_validator


def _handler(
    kind: str, function: Callable | None, name: str | None, dynamic: bool, description: str | None, policy: Any
) -> Any:
    if dynamic and name is not None:
        raise RuntimeError("Cannot provide name and dynamic boolean")

    def decorate(function: Callable) -> Callable:
        known_as = None if dynamic else name or function.__name__
        mark_handler(kind, function, HandlerDefinition(known_as, function, True, description, policy))
        return function

    return decorate(function) if function is not None else decorate

"""Large modules of which a run uses little: definitions that can wait are executed when somebody asks for them.

Each run has its own of every class and function, so loading 5,000 lines anew would cost each of them milliseconds and
megabytes. What can wait is decided from the source, and strictly: a definition whose execution nobody can observe, in a
module that does not look at its own names. The others, and all of small modules, are executed at once.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import SandboxRun

# Fewer than that are not worth a module of another kind.
_WAITING_MIN = 32

_DEFINITION = re.compile(r"^(?:async def|def|class)\b", re.MULTILINE)

# A module that says one of these may look at what it has defined so far.
_LOOKS = frozenset({"globals", "vars", "locals", "dir", "exec", "eval", "compile", "__dict__", "__getattr__", "__subclasses__"})

_PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "property"})


@dataclass(frozen=True)
class LoadPlan:
    """How a module is loaded: what is executed at once, and what waits, by its name."""

    at_once: CodeType
    waiting: Mapping[str, CodeType]


def plan_of(source: str, path: str) -> LoadPlan | None:
    """None where nothing may wait, or not enough."""
    if len(_DEFINITION.findall(source)) < _WAITING_MIN:
        return None
    tree = ast.parse(source, path)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    if _LOOKS & (names | attributes) or _imports_all(tree):
        return None
    bound = list(_bound_by(tree))
    waiting = {
        node.name: node for node in tree.body if _can_wait(node) and bound.count(node.name) == 1 and not hasattr(builtins, node.name)
    }
    if len(waiting) < _WAITING_MIN:
        return None
    future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]

    def compiled(body: list[ast.stmt]) -> CodeType:
        return compile(ast.Module(body, []), path, "exec", dont_inherit=True)

    at_once = [node for node in tree.body if waiting.get(getattr(node, "name", "")) is not node]
    return LoadPlan(compiled(at_once), {name: compiled([*future, node]) for name, node in waiting.items()})


def _imports_all(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree))


def _bound_by(tree: ast.Module) -> Iterator[str]:
    """Every name that is bound anywhere in the file; one that is bound in a function counts, too, which costs nothing."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _can_wait(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return not node.decorator_list and _is_plain_function(node)
    return isinstance(node, ast.ClassDef) and _is_plain_class(node)


def _is_plain_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = node.args
    defaults = [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    more = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    annotations = [each.annotation for each in [*every, *more] if each.annotation is not None]
    if node.returns is not None:
        annotations.append(node.returns)
    # Annotations are looked at when the function is defined, so they may say no more than names of the language.
    return all(map(_is_constant, defaults)) and all(map(_is_builtin_type, annotations))


def _is_plain_class(node: ast.ClassDef) -> bool:
    """Without decorators, and with no base that could hear of it."""
    if node.decorator_list or node.keywords or not all(_is_builtin_type(base) for base in node.bases):
        return False
    return all(_is_plain_member(member) for member in node.body)


def _is_plain_member(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        decorators = [each.id if isinstance(each, ast.Name) else "" for each in node.decorator_list]
        return _PLAIN_DECORATORS.issuperset(decorators) and _is_plain_function(node)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) for target in node.targets) and _is_constant(node.value)
    if isinstance(node, ast.AnnAssign):
        return _is_builtin_type(node.annotation) and (node.value is None or _is_constant(node.value))
    return isinstance(node, ast.Pass) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(map(_is_constant, node.elts))
    if isinstance(node, ast.Dict):
        return all(key is not None and _is_constant(key) for key in node.keys) and all(map(_is_constant, node.values))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_constant(node.operand)
    return isinstance(node, ast.Constant)


def _is_builtin_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None or isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitOr) and _is_builtin_type(node.left) and _is_builtin_type(node.right)
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _is_builtin_type(node.value) and all(map(_is_builtin_type, inner))
    return isinstance(node, ast.Name) and isinstance(getattr(builtins, node.id, None), type)


class WaitingNames(dict):
    """The builtins of a lazy module: a name that neither the module nor they have may be one that waits."""

    def __init__(self, run: SandboxRun, space: dict[str, Any], waiting: Mapping[str, CodeType]) -> None:
        super().__init__(run.builtins)
        self.run = run
        self._space = space
        self._waiting = waiting
        self._asked: set[str] = set()

    def __missing__(self, name: str) -> Any:
        self.define(name)
        return self._space[name]

    @property
    def left(self) -> list[str]:
        return [name for name in self._waiting if name not in self._asked]

    def define(self, name: str) -> None:
        """Executes what waits under this name. Does nothing the second time: it may have been deleted meanwhile."""
        if name in self._waiting and name not in self._asked:
            self._asked.add(name)
            if name not in self._space:
                exec(self._waiting[name], self._space)


class LazyModule(ModuleType):
    """Has every name that its file defines, as soon as somebody looks."""

    def __getattr__(self, name: str) -> Any:
        space = space_of(self)
        space["__builtins__"].define(name)
        if name in space:
            return space[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        space_of(self)["__builtins__"].define(name)
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted(self.__dict__)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        space = space_of(self)
        for name in space["__builtins__"].left:
            space["__builtins__"].define(name)
        return space


_read_space = ModuleType.__dict__["__dict__"].__get__


def space_of(module: ModuleType) -> dict[str, Any]:
    """The names that a module has by now; `vars` of a lazy one would ask for all that wait."""
    return _read_space(module) if isinstance(module, LazyModule) else vars(module)

"""Matchers: policy as data. A tree of names that says which modules or members are meant, and when."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import ClassVar

ANY = "*"


class RestrictionContext:
    """Where a run is: while its modules are loaded `is_runtime` is false, afterwards true."""

    __slots__ = ("is_runtime",)

    def __init__(self, *, is_runtime: bool = False) -> None:
        self.is_runtime = is_runtime


@dataclass(frozen=True)
class SandboxMatcher:
    """One node of the tree. Immutable: the operators make new ones.

    access: names that match as soon as they are looked up, even by an import. `*` is every name.
    use: names that match only once they are used, such as called; looking them up is free. `*` is every name.
    children: nodes below, by name; `*` is every name that has no node of its own.
    match_self: this node matches whatever leads to it.
    only_runtime: what this node matches, it matches at run time alone, not while modules are loaded.
    leaf_message: said instead of the usual sentence. Needs match_self.
    leaf_warning: the match is a warning of this class instead of an error. Needs match_self.
    exclude: names that never match here, whatever else says they do.
    """

    access: Set[str] = frozenset()
    use: Set[str] = frozenset()
    children: Mapping[str, SandboxMatcher] = field(default_factory=dict)
    match_self: bool = False
    only_runtime: bool = False
    leaf_message: str | None = None
    leaf_warning: type[Warning] | None = None
    exclude: Set[str] = frozenset()

    all: ClassVar[SandboxMatcher]
    all_runtime: ClassVar[SandboxMatcher]
    none: ClassVar[SandboxMatcher]
    all_uses: ClassVar[SandboxMatcher]
    all_uses_runtime: ClassVar[SandboxMatcher]

    def __post_init__(self) -> None:
        if self.leaf_message and not self.match_self:
            raise ValueError("Cannot set leaf_message without match_self")
        if self.leaf_warning and not self.match_self:
            raise ValueError("Cannot set leaf_warning without match_self")

    @staticmethod
    def nested_child(path: Sequence[str], child: SandboxMatcher) -> SandboxMatcher:
        """A matcher in which `child` stands at `path`."""
        for name in reversed(path):
            child = SandboxMatcher(children={name: child})
        return child

    def access_matcher(
        self, context: RestrictionContext, *child_path: str, include_use: bool = False
    ) -> SandboxMatcher | None:
        """The node that matches the path, if one does. With `include_use`, also by the names in `use`."""
        node = self
        for name in child_path:
            if name in node.exclude or (node.only_runtime and not context.is_runtime):
                return None
            if node.match_self or name in node.access or ANY in node.access:
                return node
            if include_use and (name in node.use or ANY in node.use):
                return node
            child = node._child(name)
            if child is None:
                return None
            node = child
        asleep = node.only_runtime and not context.is_runtime
        return node if node.match_self and not asleep else None

    def match_access(self, context: RestrictionContext, *child_path: str, include_use: bool = False) -> bool:
        return self.access_matcher(context, *child_path, include_use=include_use) is not None

    def child_matcher(self, *child_path: str) -> SandboxMatcher | None:
        """What holds for everything below the path; a name in `access` or `use` means all that is below it."""
        node = self
        only_runtime = self.only_runtime
        for name in child_path:
            if name in node.exclude:
                return None
            if node._names(name):
                return SandboxMatcher.all_runtime if only_runtime else SandboxMatcher.all
            child = node._child(name)
            if child is None:
                return None
            node = child
            only_runtime = only_runtime or node.only_runtime
        return node

    def with_child_unrestricted(self, *child_path: str) -> SandboxMatcher:
        """A copy in which the path is not restricted any more."""
        if not child_path:
            raise ValueError("with_child_unrestricted needs the path of the child")
        name, *rest = child_path
        if rest:
            if name not in self.children:
                return self
            child = self.children[name].with_child_unrestricted(*rest)
            return dataclasses.replace(self, children={**self.children, name: child})
        return dataclasses.replace(
            self,
            access=frozenset(self.access) - {name},
            use=frozenset(self.use) - {name},
            children={key: child for key, child in self.children.items() if key != name},
        )

    def __or__(self, other: SandboxMatcher) -> SandboxMatcher:
        if not isinstance(other, SandboxMatcher):
            return NotImplemented
        if self.only_runtime != other.only_runtime:
            raise ValueError("Cannot combine only-runtime and non-only-runtime")
        if self.leaf_message != other.leaf_message:
            raise ValueError("Cannot combine different messages")
        if self.leaf_warning != other.leaf_warning:
            raise ValueError("Cannot combine different warning values")
        children = dict(self.children)
        for name, child in other.children.items():
            children[name] = children[name] | child if name in children else child
        return SandboxMatcher(
            access=frozenset(self.access) | other.access,
            use=frozenset(self.use) | other.use,
            children=children,
            match_self=self.match_self or other.match_self,
            only_runtime=self.only_runtime,
            leaf_message=self.leaf_message,
            leaf_warning=self.leaf_warning,
            exclude=frozenset(self.exclude) | other.exclude,
        )

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """Every path that is named, with `*` where every name is meant."""
        if self.match_self and path:
            yield path
        for name in sorted({*self.access, *self.use}):
            yield (*path, name)
        for name, child in self.children.items():
            yield from child.leaves((*path, name))

    def _child(self, name: str) -> SandboxMatcher | None:
        return self.children.get(name) or self.children.get(ANY)

    def _names(self, name: str) -> bool:
        everything = self.match_self or ANY in self.access or ANY in self.use
        return everything or name in self.access or name in self.use


SandboxMatcher.all = SandboxMatcher(match_self=True)
SandboxMatcher.all_runtime = SandboxMatcher(match_self=True, only_runtime=True)
SandboxMatcher.none = SandboxMatcher()
SandboxMatcher.all_uses = SandboxMatcher(use=frozenset({ANY}))
SandboxMatcher.all_uses_runtime = SandboxMatcher(use=frozenset({ANY}), only_runtime=True)

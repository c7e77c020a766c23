"""The whole policy of a sandbox, as data."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import ClassVar

from .effects import EFFECTS, Effect
from .matcher import SandboxMatcher
from .policy import SandboxImportNotificationPolicy


@dataclass(frozen=True)
class SandboxRestrictions:
    """Immutable; `dataclasses.replace` and the methods make others.

    passthrough_modules: taken from outside instead of being loaded anew for every run, with all that is below them.
    invalid_modules: may not even be imported.
    invalid_module_members: what of a module may not be looked up or used, by full path; builtins are `__builtins__`.
    import_notification_policy: what is said about imports that may surprise.
    passthrough_all_modules: nothing is loaded anew but the file of the workflow itself.
    """

    passthrough_modules: Set[str]
    invalid_modules: SandboxMatcher
    invalid_module_members: SandboxMatcher
    import_notification_policy: SandboxImportNotificationPolicy = SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    passthrough_all_modules: bool = False

    passthrough_modules_minimum: ClassVar[Set[str]]
    passthrough_modules_with_temporal: ClassVar[Set[str]]
    passthrough_modules_maximum: ClassVar[Set[str]]
    passthrough_modules_default: ClassVar[Set[str]]
    invalid_module_members_default: ClassVar[SandboxMatcher]
    default: ClassVar[SandboxRestrictions]

    def with_passthrough_modules(self, *modules: str) -> SandboxRestrictions:
        return dataclasses.replace(self, passthrough_modules=frozenset(self.passthrough_modules) | set(modules))

    def with_passthrough_all_modules(self) -> SandboxRestrictions:
        return dataclasses.replace(self, passthrough_all_modules=True)

    def with_import_notification_policy(self, policy: SandboxImportNotificationPolicy) -> SandboxRestrictions:
        return dataclasses.replace(self, import_notification_policy=policy)

    def passes_through(self, module: str) -> bool:
        """Whether the module, or one that it lies in, is listed."""
        if self.passthrough_all_modules or module in self.passthrough_modules:
            return True
        parent, dot, _ = module.rpartition(".")
        return bool(dot) and self.passes_through(parent)


def members_matcher(effects: Iterable[Effect]) -> SandboxMatcher:
    """The tree that names each effect. What holds at import too stands in `use`; the rest has a node of its own."""
    always: dict[tuple[str, ...], set[str]] = {}
    at_runtime: dict[tuple[str, ...], set[str]] = {}
    for effect in effects:
        (always if effect.at_import else at_runtime).setdefault(effect.path[:-1], set()).add(effect.path[-1])
    tree = SandboxMatcher.none
    asleep_at_import = SandboxMatcher(match_self=True, only_runtime=True)
    for parent in {*always, *at_runtime}:
        children = {name: asleep_at_import for name in at_runtime.get(parent, ())}
        node = SandboxMatcher(use=frozenset(always.get(parent, ())), children=children)
        tree = tree | SandboxMatcher.nested_child(parent, node)
    return tree


_MINIMUM = frozenset({"hanabi_workflow", "hanabi_runner", "typing_extensions", "google.protobuf", "grpc"})
_WITH_TEMPORAL = _MINIMUM | {"temporalio", "hanabi"}
_MAXIMUM = _WITH_TEMPORAL | sys.stdlib_module_names - {"__main__"}

SandboxRestrictions.passthrough_modules_minimum = _MINIMUM
SandboxRestrictions.passthrough_modules_with_temporal = _WITH_TEMPORAL
SandboxRestrictions.passthrough_modules_maximum = _MAXIMUM
SandboxRestrictions.passthrough_modules_default = _MAXIMUM
SandboxRestrictions.invalid_module_members_default = members_matcher(EFFECTS)
SandboxRestrictions.default = SandboxRestrictions(
    passthrough_modules=_MAXIMUM,
    invalid_modules=SandboxMatcher.none,
    invalid_module_members=SandboxRestrictions.invalid_module_members_default,
)

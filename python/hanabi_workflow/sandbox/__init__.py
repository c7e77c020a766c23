"""The deterministic sandbox: policy as data, guards in the real modules, and fresh modules for each run."""

from .errors import (
    DisallowedUnintentionalPassthroughError,
    NondeterminismError,
    RestrictedWorkflowAccessError,
    SharedModuleChangeError,
)
from .matcher import RestrictionContext, SandboxMatcher
from .policy import SandboxImportNotificationPolicy
from .restrictions import SandboxRestrictions

__all__ = [
    "DisallowedUnintentionalPassthroughError",
    "NondeterminismError",
    "RestrictedWorkflowAccessError",
    "RestrictionContext",
    "SandboxImportNotificationPolicy",
    "SandboxMatcher",
    "SandboxRestrictions",
    "SharedModuleChangeError",
]

from hanabi_workflow.environments import SandboxedWorkflowRunner
from hanabi_workflow.sandbox import (
    DisallowedUnintentionalPassthroughError,
    RestrictedWorkflowAccessError,
    RestrictionContext,
    SandboxMatcher,
    SandboxRestrictions,
)

__all__ = [
    "DisallowedUnintentionalPassthroughError",
    "RestrictedWorkflowAccessError",
    "RestrictionContext",
    "SandboxMatcher",
    "SandboxRestrictions",
    "SandboxedWorkflowRunner",
]

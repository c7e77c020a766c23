"""What the sandbox says when code reaches for something that would not be the same on replay."""


class NondeterminismError(Exception):
    """The workflow cannot be replayed as it is. Fails the task, never the workflow: the code can be mended."""


class RestrictedWorkflowAccessError(NondeterminismError):
    """Code of a run used `qualified_name`, which the restrictions of the run refuse."""

    def __init__(self, qualified_name: str, *, override_message: str | None = None) -> None:
        super().__init__(override_message or self.default_message(qualified_name))
        self.qualified_name = qualified_name

    @staticmethod
    def default_message(qualified_name: str, *, remedy: str | None = None, through: str | None = None) -> str:
        """The full path and the way out. `through` names the passthrough function that the run's code had called."""
        way = f" (through {through})" if through else ""
        better = f"Use {remedy} instead. " if remedy else ""
        return (
            f"Cannot access {qualified_name}{way} from inside a workflow. {better}"
            "If this code is never run by a workflow, or is known to be deterministic, mark the import as pass through; "
            "work that has effects belongs in an activity."
        )


class SharedModuleChangeError(RestrictedWorkflowAccessError):
    """Code of a run tried to change a module that all runs share."""

    def __init__(self, qualified_name: str) -> None:
        super().__init__(
            qualified_name,
            override_message=(
                f"Cannot change {qualified_name} from inside a workflow: the module is shared with every other run. "
                "Keep state in the workflow, or do not pass the module through."
            ),
        )


class DisallowedUnintentionalPassthroughError(NondeterminismError):
    """The notification policy wants every imported module to be listed as passthrough, and this one is not."""

    def __init__(self, qualified_name: str) -> None:
        super().__init__(
            f"The import of {qualified_name} was disallowed: it is not among the passthrough modules, and the import "
            "notification policy raises on that. Mark the import as pass through."
        )
        self.qualified_name = qualified_name

"""`workflow.unsafe`: ways around the sandbox, for those who know why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from .runtime import current
from .sandbox.active import active
from .sandbox.policy import SandboxImportNotificationPolicy

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class unsafe:
    """Outside of a sandboxed run these do nothing, so that a workflow file can be imported anywhere."""

    def __init__(self) -> None:
        raise NotImplementedError("workflow.unsafe is a set of functions")

    @staticmethod
    def in_sandbox() -> bool:
        return active.run is not None

    @staticmethod
    def is_sandbox_unrestricted() -> bool:
        run = active.run
        return run is not None and run.is_unrestricted()

    @staticmethod
    def sandbox_unrestricted() -> AbstractContextManager[None]:
        """Inside the block this run, in this task, may do anything. Other runs and other tasks may not."""
        run = active.run
        return nullcontext() if run is None else run.unrestricted()

    @staticmethod
    def imports_passed_through() -> AbstractContextManager[None]:
        """What is imported inside the block is taken from outside instead of being loaded anew."""
        run = active.run
        return nullcontext() if run is None else run.importer.passing_through()

    @staticmethod
    @contextmanager
    def sandbox_import_notification_policy(policy: SandboxImportNotificationPolicy) -> Iterator[None]:
        """Inside the block this policy holds instead of that of the restrictions."""
        run = active.run
        if run is None:
            yield
            return
        before = run.import_policy
        run.import_policy = policy
        try:
            yield
        finally:
            run.import_policy = before

    @staticmethod
    def current_import_notification_policy_override() -> SandboxImportNotificationPolicy | None:
        run = active.run
        return None if run is None else run.import_policy

    @staticmethod
    def is_replaying() -> bool:
        return current().is_replaying

    @staticmethod
    def is_read_only() -> bool:
        return current().is_read_only

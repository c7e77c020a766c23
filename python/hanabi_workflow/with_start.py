"""An update, and the start of the workflow that it is for where that does not run yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .calls import UNSET
from .common import WorkflowIDConflictPolicy

if TYPE_CHECKING:
    from .client import Client, WorkflowHandle


class WithStartWorkflowOperation:
    """How the workflow is started. It is used once, and knows its handle afterwards."""

    def __init__(
        self, workflow: Any, arg: Any = UNSET, *, id_conflict_policy: WorkflowIDConflictPolicy, **options: Any
    ) -> None:
        if id_conflict_policy is WorkflowIDConflictPolicy.UNSPECIFIED:
            raise ValueError("id_conflict_policy is required")
        self._workflow = workflow
        self._arg = arg
        self._options = {**options, "id_conflict_policy": id_conflict_policy}
        self._handle: asyncio.Future[WorkflowHandle] = asyncio.Future()
        self._is_used = False

    async def workflow_handle(self) -> WorkflowHandle:
        """Waits until it has been started, or raises why it was not."""
        return await self._handle

    async def start(self, client: Client) -> WorkflowHandle:
        """Start and update are two steps here: whoever dies between them has started a workflow without the update."""
        if self._is_used:
            raise RuntimeError("WithStartWorkflowOperation cannot be used again")
        self._is_used = True
        try:
            self._handle.set_result(await client.start_workflow(self._workflow, self._arg, **self._options))
        except Exception as error:
            self._handle.set_exception(error)
        return await self._handle

"""Activities that end after their function has returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .converter import to_payload, to_payloads
from .exceptions import CancelledError
from .failures import to_failure

if TYPE_CHECKING:
    from .client import Client


class AsyncActivityHandle:
    """An activity that said raise_complete_async()."""

    def __init__(self, client: Client, which: Mapping[str, Any]) -> None:
        self._client = client
        self._which = which

    async def complete(self, result: Any = None) -> None:
        await self._end({"completed": {"result": to_payload(result)}})

    async def fail(self, error: Exception) -> None:
        await self._end({"failed": {"failure": to_failure(error)}})

    async def report_cancellation(self, *details: Any) -> None:
        await self._end({"cancelled": {"failure": to_failure(CancelledError("Cancelled", *details))}})

    async def heartbeat(self, *details: Any) -> None:
        await self._client._ask("heartbeatActivity", **self._which, details=to_payloads(details))

    async def _end(self, result: Mapping[str, Any]) -> None:
        await self._client._ask("completeActivity", **self._which, result=result)

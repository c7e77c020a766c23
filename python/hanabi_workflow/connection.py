"""The channel between this process and its host: frames of JSON, each after its length in four bytes.

`{"id", "ask", …}` asks the host and is answered by `{"id", "answer"}` or `{"id", "error"}`; `{"task", …}` is work from
the host and is answered by `{"task", "done"}`; `{"notice", …}` and `{"cancel", …}` are not answered.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

FD_VARIABLE = "HANABI_WORKFLOW_FD"
_FRAME_BYTES_MAX = 64 * 1024 * 1024


class HostError(Exception):
    """The host refused. `kind` is the word that says why."""

    def __init__(self, kind: str, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.kind = kind
        self.details = details


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._asked: dict[int, asyncio.Future] = {}
        self._work: dict[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = {}
        self._cancels: list[Callable[[str, str], None]] = []
        self._tasks: set[asyncio.Task] = set()
        self.loop = asyncio.get_running_loop()
        self._reading = self.loop.create_task(self._read())

    @staticmethod
    async def to_host() -> Connection:
        """The channel that the host left open for this process; the same for all clients in it."""
        global _to_host
        if _to_host is not None and _to_host.loop is asyncio.get_running_loop():
            return _to_host
        fd = os.environ.get(FD_VARIABLE)
        if fd is None:
            raise RuntimeError("There is no workflow engine here: start this with `hanabi workflow run FILE`")
        channel = socket.socket(fileno=os.dup(int(fd)))
        channel.setblocking(False)
        _to_host = Connection(*await asyncio.open_connection(sock=channel))
        return _to_host

    def serve(
        self,
        work: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]],
        cancel: Callable[[str, str], None] | None = None,
    ) -> None:
        """Says who does which kind of work."""
        self._work.update(work)
        if cancel is not None:
            self._cancels.append(cancel)

    async def ask(self, what: str, **fields: Any) -> Any:
        number = next(self._ids)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "ask": what, **fields})
        return await answer

    def notify(self, what: str, **fields: Any) -> None:
        self._send({"notice": what, **fields})

    def _send(self, frame: Mapping[str, Any]) -> None:
        data = json.dumps(frame, separators=(",", ":")).encode("utf-8")
        self._writer.write(len(data).to_bytes(4, "big") + data)

    async def _read(self) -> None:
        try:
            while True:
                size = int.from_bytes(await self._reader.readexactly(4), "big")
                if size > _FRAME_BYTES_MAX:
                    raise ConnectionError("The host sent a frame that is too large")
                self._take(json.loads(await self._reader.readexactly(size)))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            for future in self._asked.values():
                if not future.done():
                    future.set_exception(ConnectionError(f"The workflow engine is gone: {error}"))

    def _take(self, frame: Mapping[str, Any]) -> None:
        if "id" in frame:
            future = self._asked.pop(frame["id"])
            if future.done():
                return
            error = frame.get("error")
            if error is None:
                future.set_result(frame.get("answer"))
            else:
                future.set_exception(HostError(error["kind"], error.get("message", ""), error))
        elif "cancel" in frame:
            # Tokens are unique, so every worker may be asked.
            for cancel in self._cancels:
                cancel(frame["cancel"], frame.get("reason", "cancel_requested"))
        else:
            task = asyncio.get_running_loop().create_task(self._do(frame))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _do(self, frame: Mapping[str, Any]) -> None:
        kind = frame["kind"]
        self._send({"task": frame["task"], "done": await self._work[kind](frame["work"])})


_to_host: Connection | None = None

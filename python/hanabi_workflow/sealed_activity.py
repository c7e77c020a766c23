"""One attempt of an activity, sealed like any job: a task in, what became of it out."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from typing import Any

from hanabi_runner.wire import BODY_BYTES_MAX, Channel, WireError

from .activity_runner import ActivityRunner
from .sealed_entry import load_entry

# What goes around the details of a heartbeat in its frame, and the escapes of their quotes.
_HEARTBEAT_CHARS_MAX = BODY_BYTES_MAX // 4


def attempt(channel: Channel, job: Mapping[str, Any]) -> bytes:
    """What became of it, as JSON. Heartbeats go to the host as output, and it may cancel."""
    _, activities = load_entry(job["entry"], job["libraries"])
    task = job["options"]
    runner = ActivityRunner(activities, beat=lambda _, details: _beat(channel, details))
    result = asyncio.run(_run(channel, runner, task["token"], task["start"]))
    return json.dumps(result, separators=(",", ":")).encode("ascii")


async def _run(channel: Channel, runner: ActivityRunner, token: str, start: Mapping[str, Any]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()

    def listen() -> None:
        try:
            while True:
                order = channel.receive()
                loop.call_soon_threadsafe(runner.cancel, token, order["reason"])
        except (WireError, RuntimeError):
            return  # the host has gone, or the attempt is over

    threading.Thread(target=listen, daemon=True).start()
    return await runner.run(token, start)


def _beat(channel: Channel, details: list[Any]) -> None:
    text = json.dumps(details, separators=(",", ":"))
    channel.send(kind="output", chunk=text if len(text) <= _HEARTBEAT_CHARS_MAX else "[]", encoding="text")

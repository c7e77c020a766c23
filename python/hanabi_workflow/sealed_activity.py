"""One attempt of an activity, sealed like any job: a task in, what became of it out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from hanabi_runner.wire import BODY_BYTES_MAX, Channel

from .activity_runner import ActivityRunner
from .exceptions import ApplicationError
from .failures import to_failure
from .sealed_entry import load_entry

# What goes around the details of a heartbeat in its frame, and the escapes of their quotes.
_HEARTBEAT_CHARS_MAX = BODY_BYTES_MAX // 4


def attempt(channel: Channel, job: Mapping[str, Any]) -> bytes:
    """Completed, failed or cancelled, as JSON. Heartbeats go to the host as output."""
    _, activities = load_entry(job["entry"], job["libraries"])
    task = job["options"]
    runner = ActivityRunner(activities, beat=lambda _, details: _beat(channel, details))
    result = asyncio.run(runner.run(task["token"], task["start"]))
    if "willCompleteAsync" in result:
        error = ApplicationError("A sealed activity ends with its process: nobody could complete it later", non_retryable=True)
        result = {"failed": {"failure": to_failure(error)}}
    return json.dumps(result, separators=(",", ":")).encode("ascii")


def _beat(channel: Channel, details: list[Any]) -> None:
    text = json.dumps(details, separators=(",", ":"))
    channel.send(kind="output", chunk=text if len(text) <= _HEARTBEAT_CHARS_MAX else "[]", encoding="text")

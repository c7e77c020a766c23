"""A sealed process that executes the workflows of one module: it asks its host for one activation after the other."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from hanabi_runner.failure import Failure
from hanabi_runner.loader import MODULE_ROOT
from hanabi_runner.wire import BODY_BYTES_MAX, KIND_JSON, Channel, WireError, encode_fields, encode_frame

from .activity_runner import ActivityRunner
from .failures import to_failure
from .instance import InstanceOptions
from .script import prepare_process
from .sealed_entry import load_entry
from .workflow_host import WorkflowHost


def main(arguments: list[str]) -> None:
    prepare_process()
    order = json.loads(arguments[0])
    channel = Channel()
    try:
        workflows, activities = load_entry(order["entry"], order["libraries"])
        host = WorkflowHost(workflows, options=InstanceOptions(source_root=MODULE_ROOT))
        names = {"workflows": host.names, "activities": ActivityRunner(activities, beat=lambda *_: None).names}
    except (Failure, ValueError) as error:
        failure = error if isinstance(error, Failure) else Failure("load", str(error), error)
        channel.send(kind="failed", reason=failure.reason, message=failure.message, traceback=failure.traceback)
        os._exit(0)
    channel.send(kind="loaded", functions=[])
    poll = _Poll(channel)
    try:
        activation = poll.next({"names": names})
        while True:
            activation = poll.next({"done": host.activate(activation)})
    except WireError:
        os._exit(0)  # the host wants no more of it


class _Poll:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last = 0

    def next(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """Tells what came of the last activation, and waits for another one."""
        body = json.dumps(told, separators=(",", ":")).encode("ascii")
        if len(body) > BODY_BYTES_MAX:
            error = RuntimeError(f"What one task asks for takes {len(body)} bytes, of {BODY_BYTES_MAX} that it may")
            failed = {"runId": told["done"]["runId"], "failed": {"failure": to_failure(error)}}
            body = json.dumps({"done": failed}).encode("ascii")
        self._last += 1
        fields = {"kind": "ask", "id": self._last, "method": "poll", "size_bytes": len(body)}
        self._channel.send_request(encode_frame(KIND_JSON, encode_fields(fields)), body)
        answer = self._channel.receive()
        return json.loads(self._channel.receive_bytes(answer["size_bytes"]))["value"]


if __name__ == "__main__":
    main(sys.argv[1:])

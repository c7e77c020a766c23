"""Where in the author's file a workflow is: which line made each command, and where each of its tasks waits.

Only for who plays a history again to look at it: following every line takes time that a running workflow does not have.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_FRAMES_MAX = 20
_TASKS_MAX = 50
_COMMANDS_MAX = 1000
_NAME_CHARS_MAX = 300

Place = dict[str, Any]


class Trace:
    """`root` is the folder with the author's files, of which alone it tells."""

    def __init__(self, root: str) -> None:
        self._root = root + "/"
        self._last_place: Place | None = None
        self.commands = _FollowedCommands(self)

    @contextmanager
    def following(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(before)

    def told(self, commands: list[dict[str, Any]], tasks: Iterator[tuple[str, Iterator[tuple[Any, int]]]]) -> dict[str, Any]:
        """For the completion: a stack for each command, the last line that was executed, and where tasks wait."""
        waits = [{"task": name[:_NAME_CHARS_MAX], "stack": self._innermost(frames)} for name, frames in tasks]
        return {
            "made": [self.commands.stacks.get(id(command), []) for command in commands[:_COMMANDS_MAX]],
            "last": self._last_place,
            "waits": [each for each in waits if each["stack"]][:_TASKS_MAX],
        }

    def stack(self) -> list[Place]:
        """Of the code that executes now, the innermost first. What a task of the author's ended with has none: its last line."""
        stack: list[Place] = []
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and len(stack) < _FRAMES_MAX:
            if self._is_authors(frame):
                stack.append(self._place(frame, frame.f_lineno))
            frame = frame.f_back
        return stack or ([self._last_place] if self._last_place else [])

    def _innermost(self, frames: Iterator[tuple[Any, int]]) -> list[Place]:
        found = [self._place(frame, line) for frame, line in frames if self._is_authors(frame)]
        return found[::-1][:_FRAMES_MAX]

    def _enter(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        return self._line if self._is_authors(frame) else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self._last_place = self._place(frame, frame.f_lineno)
        return self._line

    def _is_authors(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self._root)

    def _place(self, frame: FrameType, line: int) -> Place:
        code = frame.f_code
        return {"path": code.co_filename[len(self._root) :], "line": line, "function": code.co_name[:_NAME_CHARS_MAX]}


class _FollowedCommands(list):
    """The commands of an activation, each with the stack of who made it."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._trace = trace
        self.stacks: dict[int, list[Place]] = {}

    def append(self, command: dict[str, Any]) -> None:
        self.stacks[id(command)] = self._trace.stack()
        super().append(command)

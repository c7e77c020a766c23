"""What a workflow waits for until it is true, looked at after each of its steps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass


@dataclass
class _Condition:
    test: Callable[[], bool]
    future: asyncio.Future


class Conditions:
    def __init__(self, reading: Callable[[], AbstractContextManager[None]]) -> None:
        """`reading`: in which a test is asked, for it may have no effect."""
        self._reading = reading
        self._waiting: list[_Condition] = []

    def add(self, test: Callable[[], bool], future: asyncio.Future) -> None:
        self._waiting.append(_Condition(test, future))

    def wake_one(self) -> bool:
        """Wakes the first that came true, and no other: what it wakes may make another false again. Whether there was one."""
        for condition in list(self._waiting):
            if condition.future.done():
                self._waiting.remove(condition)
                continue
            try:
                with self._reading():
                    met = condition.test()
            except Exception as error:
                condition.future.set_exception(error)
                met = True
            else:
                if met:
                    condition.future.set_result(None)
            if met:
                self._waiting.remove(condition)
                return True
        return False

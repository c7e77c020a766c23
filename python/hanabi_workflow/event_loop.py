"""An asyncio loop that does nothing by itself: time passes when the host says so, and all runs in the same order.

Its timers are durable ones: call_later becomes a command, and the callback is called when the host fires the timer.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol


class Timers(Protocol):
    """What starts and cancels the timers of the loop."""

    def start_timer(self, handle: asyncio.TimerHandle, delay_s: float) -> None: ...
    def cancel_timer(self, handle: asyncio.TimerHandle) -> None: ...
    def time_s(self) -> float: ...


class RunTask(asyncio.Task):
    """A task that hashes by its number, so that a set of tasks has the same order on replay."""

    def __new__(cls, *args: Any, loop: DeterministicLoop, **kwargs: Any) -> RunTask:
        task = super().__new__(cls, *args, loop=loop, **kwargs)
        task.number = next(loop.numbers)
        return task

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class RunFuture(asyncio.Future):
    def __new__(cls, *, loop: DeterministicLoop) -> RunFuture:
        future = super().__new__(cls, loop=loop)
        future.number = next(loop.numbers)
        return future

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class DeterministicLoop(asyncio.AbstractEventLoop):
    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._ready: deque[asyncio.Handle] = deque()
        self._exception_handler: Callable[..., Any] | None = None
        self.numbers = itertools.count(1)
        self.tasks: set[RunTask] = set()
        self.problem: BaseException | None = None

    def run_ready(self) -> None:
        """Calls what is ready, and what that makes ready, until nothing is. Raises what a callback did not handle."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            while self._ready and self.problem is None:
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio._set_running_loop(before)
        if self.problem is not None:
            problem, self.problem = self.problem, None
            raise problem

    def fire(self, handle: asyncio.TimerHandle) -> None:
        self._ready.append(handle)

    def drop_all(self) -> None:
        self._ready.clear()

    # --- What asyncio asks of a loop ----------------------------------------------------------------------------------

    def call_soon(self, callback: Callable, *args: Any, context: contextvars.Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(self.time() + delay, callback, args, self, context)
        if delay <= 0:
            self._ready.append(handle)
        else:
            handle._scheduled = True
            self._timers.start_timer(handle, delay)
        return handle

    def call_at(
        self, when: float, callback: Callable, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_later(when - self.time(), callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        if handle._scheduled:
            self._timers.cancel_timer(handle)

    def time(self) -> float:
        return self._timers.time_s()

    def create_future(self) -> RunFuture:
        return RunFuture(loop=self)

    def create_task(
        self, coro: Coroutine, *, name: str | None = None, context: contextvars.Context | None = None
    ) -> RunTask:
        task = RunTask(coro, loop=self, name=name, context=context)
        # asyncio itself holds tasks weakly; those of a run end with the run and not when a collector comes by.
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def get_debug(self) -> bool:
        return False

    def set_debug(self, enabled: bool) -> None:
        pass

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def get_exception_handler(self) -> Callable[..., Any] | None:
        return self._exception_handler

    def set_exception_handler(self, handler: Callable[..., Any] | None) -> None:
        self._exception_handler = handler

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if self._exception_handler is not None:
            self._exception_handler(self, context)
        else:
            self.default_exception_handler(context)

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """What a callback raised fails the task of the workflow; a future nobody looked at is only a pity."""
        error = context.get("exception")
        if error is not None and "handle" in context:
            self.problem = error

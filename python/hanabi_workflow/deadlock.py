"""Ends an activation that does not yield: a loop without an end, or a wait for something that never comes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class PotentialDeadlockError(BaseException):
    """No Exception, so that `except Exception` of the author does not swallow it."""


@contextmanager
def within_deadline(timeout_s: float | None) -> Iterator[None]:
    """Works on the main thread, which is the only one of a worker's process; elsewhere the host's own limit holds."""
    if timeout_s is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    message = f"Potential deadlock: the workflow did not yield within {timeout_s:g} seconds"
    expired = False

    def expire(*_: object) -> None:
        nonlocal expired
        expired = True
        raise PotentialDeadlockError(message)

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, timeout_s)
    try:
        yield
        if expired:
            # It was raised in a task that nobody looks at, or swallowed on the way.
            raise PotentialDeadlockError(message)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

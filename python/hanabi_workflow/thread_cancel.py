"""Cancels a function that runs in a thread: by an exception, at whatever line of Python it has come to."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .exceptions import CancelledError


class ThreadCancel:
    """Of one call of one function, which is not cancelled while it shields itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._shields = 0
        self._is_wanted = False

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """This thread may be cancelled while it is inside."""
        with self._lock:
            self._thread = threading.get_ident()
            self._raise_if_wanted()
        try:
            yield
        finally:
            # Nothing comes from here on; what came just before is raised when the lock is left.
            with self._lock:
                self._thread = None

    @contextmanager
    def shielded(self) -> Iterator[None]:
        with self._lock:
            self._shields += 1
        try:
            yield
        finally:
            with self._lock:
                self._shields -= 1
                self._raise_if_wanted()

    def cancel(self) -> None:
        with self._lock:
            self._is_wanted = True
            self._raise_if_wanted()

    def _raise_if_wanted(self) -> None:
        if not self._is_wanted or self._thread is None or self._shields:
            return
        self._is_wanted = False
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(CancelledError))

"""Numbers instead of addresses: what `id` is to the code of a run, and what its objects hash and show by."""

from __future__ import annotations

import copy
import itertools
import weakref
from typing import Any

from .active import active

_guarded = False


class Identities:
    """Numbers things in the order in which they were asked about, which is the same on replay."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._known: dict[int, tuple[Any, int]] = {}
        self._addresses: dict[int, int] = {}

    def number_of(self, thing: object, /) -> int:
        address = id(thing)
        known = self._known.get(address)
        if known is not None:
            return known[1]
        number = next(self._numbers)
        try:
            keeper: Any = weakref.ref(thing, lambda _: self._forget(address))
        except TypeError:
            # It cannot be told when this one goes, so it stays, lest another get its address.
            keeper = thing
        self._known[address] = keeper, number
        self._addresses[number] = address
        return number

    def address_of(self, number: int) -> int:
        """The address of what has this number; anything else is an address already."""
        return self._addresses.get(number, number)

    def _forget(self, address: int) -> None:
        known = self._known.pop(address, None)
        if known is not None:
            self._addresses.pop(known[1], None)


class RunObject:
    """The base of classes of a run that have none: equal in all but that nothing of it comes from an address.

    Beside other bases (an exception, an enum, a dict) it steps back: what they say comes first.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        other = super().__hash__
        if other is None:
            raise TypeError(f"unhashable type: {type(self).__name__!r}")
        run = active.run
        return other() if run is None or getattr(other, "__objclass__", None) is not object else run.identities.number_of(self)

    def __repr__(self) -> str:
        if not isinstance(self, RunObject):
            # Enumerations take the function from the class and show their values with it.
            return repr(self)
        other = super().__repr__
        run = active.run
        if run is None or getattr(other, "__objclass__", None) is not object:
            return other()
        kind = type(self)
        return f"<{kind.__module__}.{kind.__qualname__} object at 0x{run.identities.number_of(self):012x}>"


class _Memo(dict):
    """What copy.deepcopy remembers by address, for a `__deepcopy__` of the run that says `memo[id(self)] = …`."""

    def __init__(self, identities: Identities) -> None:
        super().__init__()
        self._address_of = identities.address_of

    def __setitem__(self, key: int, value: object) -> None:
        super().__setitem__(self._address_of(key), value)

    def __getitem__(self, key: int) -> Any:
        return super().__getitem__(self._address_of(key))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int) and super().__contains__(self._address_of(key))

    def get(self, key: int, default: Any = None) -> Any:
        return super().get(self._address_of(key), default)


def guard_copying() -> None:
    """Once for the process."""
    global _guarded
    if _guarded:
        return
    _guarded = True
    original = copy.deepcopy

    def deepcopy(x: Any, memo: dict | None = None, *rest: Any) -> Any:
        run = active.run
        if run is not None and memo is None:
            memo = _Memo(run.identities)
        return original(x, memo, *rest)

    copy.deepcopy = deepcopy

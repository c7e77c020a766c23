"""Times, durations and enums as the wire has them: the shapes that protobuf's JavaScript objects have.

Timestamps and durations are `{"seconds": n, "nanos": n}`, bytes are base64, enums are the names of Temporal's tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def duration_to_wire(value: timedelta | float | None) -> dict[str, int] | None:
    if value is None:
        return None
    delta = value if isinstance(value, timedelta) else timedelta(seconds=value)
    microseconds = round(delta / timedelta(microseconds=1))
    return {"seconds": microseconds // 1_000_000, "nanos": microseconds % 1_000_000 * 1000}


def duration_from_wire(value: Mapping[str, Any] | None) -> timedelta | None:
    if value is None:
        return None
    return timedelta(seconds=int(value.get("seconds", 0)), microseconds=value.get("nanos", 0) // 1000)


def nanoseconds_from_wire(value: Mapping[str, Any] | None) -> int:
    return 0 if value is None else int(value.get("seconds", 0)) * 10**9 + value.get("nanos", 0)


def timestamp_from_wire(value: Mapping[str, Any] | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=nanoseconds_from_wire(value) // 1000)


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are not None: what is absent on the wire is the default."""
    return {name: value for name, value in fields.items() if value is not None}

"""A failure of the wire as scripts know it: `error.failure.stack_trace`, with the names of protobuf’s Python objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS = frozenset({"message", "source", "stack_trace"})


class FailureView:
    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        first, *rest = name.split("_")
        value = self._fields.get(first + "".join(part.title() for part in rest))
        if isinstance(value, Mapping):
            return FailureView(value)
        return "" if value is None and name in _TEXTS else value

"""Values to payloads and back: JSON with the types that the author's hints ask for.

A payload is `{"metadata": {"encoding": base64}, "data": base64}`, as Temporal's JSON of it is.
"""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import enum
import json
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from .common import RawValue

Payload = dict[str, Any]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


_NULL = {"encoding": _b64(b"binary/null")}
_PLAIN = {"encoding": _b64(b"binary/plain")}
_JSON = {"encoding": _b64(b"json/plain")}


def to_payload(value: Any) -> Payload:
    if isinstance(value, RawValue):
        return dict(value.payload)
    if value is None:
        return {"metadata": dict(_NULL)}
    if isinstance(value, (bytes, bytearray)):
        return {"metadata": dict(_PLAIN), "data": _b64(bytes(value))}
    text = json.dumps(value, default=_plain, separators=(",", ":"))
    return {"metadata": dict(_JSON), "data": _b64(text.encode("utf-8"))}


def to_payloads(values: Sequence[Any]) -> list[Payload]:
    return [to_payload(value) for value in values]


def from_payload(payload: Mapping[str, Any], hint: Any = None) -> Any:
    if hint is RawValue:
        return RawValue(payload)
    encoding = base64.b64decode(payload.get("metadata", {}).get("encoding", "")).decode("ascii")
    data = base64.b64decode(payload.get("data") or "")
    if encoding == "binary/null":
        return None
    if encoding == "binary/plain":
        return data
    if encoding in ("json/plain", "json/protobuf"):
        value = json.loads(data)
        return value if hint is None else typed(value, hint)
    raise RuntimeError(f"Unknown payload encoding {encoding!r}")


def from_payloads(payloads: Sequence[Mapping[str, Any]], hints: Sequence[Any] | None = None) -> list[Any]:
    """Values in order; payloads beyond the hints are converted without one."""
    known = list(hints or ())
    padded = known + [None] * (len(payloads) - len(known))
    return [from_payload(payload, hint) for payload, hint in zip(payloads, padded, strict=False)]


def _plain(value: Any) -> Any:
    """What JSON cannot say by itself."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, collections.abc.Mapping):
        return dict(value)
    if isinstance(value, collections.abc.Iterable):
        return list(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def typed(value: Any, hint: Any) -> Any:
    """A value of JSON as the hint wants it. Raises TypeError where it cannot be that."""
    if hint is Any or hint is object or isinstance(hint, (typing.TypeVar, str)):
        return value
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return typed(value, typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return _one_of(value, typing.get_args(hint))
    if origin is typing.Literal:
        if value not in typing.get_args(hint):
            raise TypeError(f"{value!r} is not one of {typing.get_args(hint)}")
        return value
    if hasattr(hint, "__supertype__"):
        return typed(value, hint.__supertype__)
    kind = origin or hint
    return _of_kind(value, kind, typing.get_args(hint)) if isinstance(kind, type) else value


def _one_of(value: Any, hints: Sequence[Any]) -> Any:
    if value is None and type(None) in hints:
        return None
    problem: Exception | None = None
    for hint in hints:
        if hint is type(None):
            continue
        try:
            return typed(value, hint)
        except (TypeError, ValueError) as error:
            problem = problem or error
    raise TypeError(f"{value!r} is none of {hints}") from problem


def _of_kind(value: Any, kind: type, arguments: Sequence[Any]) -> Any:
    if kind is type(None):
        return _expect(value, value is None, kind)
    if kind is bool or kind is str:
        return _expect(value, isinstance(value, kind), kind)
    if kind is int:
        return _expect(value, isinstance(value, int) and not isinstance(value, bool), kind)
    if kind is float:
        return float(_expect(value, isinstance(value, (int, float)) and not isinstance(value, bool), kind))
    if hasattr(kind, "model_validate"):
        return kind.model_validate(value)  # type: ignore[attr-defined]
    if dataclasses.is_dataclass(kind):
        return _of_fields(value, kind)
    if issubclass(kind, enum.Enum):
        return kind(value)
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if kind in (datetime, date, time):
        return kind.fromisoformat(_expect(value, isinstance(value, str), kind))  # type: ignore[attr-defined]
    if typing.is_typeddict(kind):
        hints = typing.get_type_hints(kind)
        return {name: typed(item, hints[name]) if name in hints else item for name, item in _object(value, kind).items()}
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        hints = typing.get_type_hints(kind)
        return kind(*[typed(item, hints.get(name, Any)) for name, item in zip(kind._fields, value, strict=False)])
    return _of_collection(value, kind, arguments)


def _of_collection(value: Any, kind: type, arguments: Sequence[Any]) -> Any:
    if issubclass(kind, collections.abc.Mapping):
        key, item = arguments or (Any, Any)
        return {_key(name, key): typed(each, item) for name, each in _object(value, kind).items()}
    if issubclass(kind, tuple):
        items = _expect(value, isinstance(value, list), kind)
        if arguments and arguments[-1] is not Ellipsis:
            return tuple(typed(each, hint) for each, hint in zip(items, arguments, strict=True))
        return tuple(typed(each, arguments[0] if arguments else Any) for each in items)
    if issubclass(kind, collections.abc.Iterable) and kind is not bytes:
        items = _expect(value, isinstance(value, list), kind)
        made = [typed(each, arguments[0] if arguments else Any) for each in items]
        return kind(made) if kind in (set, frozenset, collections.deque) else made
    return value


def _of_fields(value: Any, kind: type) -> Any:
    hints = typing.get_type_hints(kind)
    given = _object(value, kind)
    names = {each.name for each in dataclasses.fields(kind) if each.init}
    # A field that is not known any more, or not yet, is left out: the other side may be another version.
    return kind(**{name: typed(item, hints.get(name, Any)) for name, item in given.items() if name in names})


def _key(name: str, hint: Any) -> Any:
    if hint is int or hint is float:
        return hint(name)
    return typed(name, hint)


def _object(value: Any, kind: type) -> Mapping[str, Any]:
    return _expect(value, isinstance(value, dict), kind)


def _expect(value: Any, fits: bool, kind: type) -> Any:
    if not fits:
        raise TypeError(f"Expected {kind.__name__}, got {type(value).__name__}")
    return value


class PayloadConverter:
    """Payloads and values, as workflows and activities convert them themselves."""

    default: PayloadConverter

    def to_payload(self, value: Any) -> Payload:
        return to_payload(value)

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        return to_payloads(values)

    def from_payload(self, payload: Mapping[str, Any], type_hint: Any = None) -> Any:
        return from_payload(payload, type_hint)

    def from_payloads(self, payloads: Sequence[Mapping[str, Any]], type_hints: Sequence[Any] | None = None) -> list[Any]:
        return from_payloads(payloads, type_hints)


PayloadConverter.default = PayloadConverter()


class DataConverter:
    """Payloads and values, as scripts convert them themselves."""

    payload_converter = PayloadConverter.default

    async def encode(self, values: Sequence[Any]) -> list[Payload]:
        return to_payloads(values)

    async def decode(self, payloads: Sequence[Mapping[str, Any]], type_hints: Sequence[Any] | None = None) -> list[Any]:
        return from_payloads(payloads, type_hints)


def default() -> DataConverter:
    return DataConverter()

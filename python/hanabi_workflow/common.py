"""`temporalio.common`: policies and values that workflows, activities and clients share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass
class RetryPolicy:
    """How often and with what pauses something that failed is tried again. Pauses grow by the coefficient."""

    initial_interval: timedelta = timedelta(seconds=1)
    backoff_coefficient: float = 2.0
    maximum_interval: timedelta | None = None
    """A hundred times the first pause when it is not given."""
    maximum_attempts: int = 0
    """0 is without end."""
    non_retryable_error_types: Sequence[str] | None = None

    def _validate(self) -> None:
        if self.maximum_attempts == 1:
            return
        if self.initial_interval.total_seconds() < 0:
            raise ValueError("Initial interval cannot be negative")
        if self.backoff_coefficient < 1:
            raise ValueError("Backoff coefficient cannot be less than 1")
        if self.maximum_interval is not None and self.maximum_interval < self.initial_interval:
            raise ValueError("Maximum interval cannot be less than initial interval")
        if self.maximum_attempts < 0:
            raise ValueError("Maximum attempts cannot be negative")


class WorkflowIDReusePolicy(IntEnum):
    """Whether an id may be taken again after the workflow of that id has ended."""

    ALLOW_DUPLICATE = 1
    ALLOW_DUPLICATE_FAILED_ONLY = 2
    REJECT_DUPLICATE = 3
    TERMINATE_IF_RUNNING = 4


class WorkflowIDConflictPolicy(IntEnum):
    """What to do while a workflow of that id still runs."""

    UNSPECIFIED = 0
    FAIL = 1
    USE_EXISTING = 2
    TERMINATE_EXISTING = 3


class QueryRejectCondition(IntEnum):
    NONE = 1
    NOT_OPEN = 2
    NOT_COMPLETED_CLEANLY = 3


class VersioningBehavior(IntEnum):
    UNSPECIFIED = 0
    PINNED = 1
    AUTO_UPGRADE = 2


@dataclass(frozen=True)
class Priority:
    priority_key: int | None = None
    fairness_key: str | None = None
    fairness_weight: float | None = None


Priority.default = Priority()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class RawValue:
    """A payload as it is, for handlers that take whatever comes."""

    payload: Mapping[str, Any]


_INDEXED = {
    "text": ("Text", str),
    "keyword": ("Keyword", str),
    "int": ("Int", int),
    "float": ("Double", float),
    "bool": ("Bool", bool),
    "datetime": ("Datetime", datetime),
    "keyword_list": ("KeywordList", list),
}


@dataclass(frozen=True)
class SearchAttributeKey(Generic[T]):
    """The name of a search attribute with its kind. Made by for_text, for_int and so on."""

    name: str
    indexed_value_type: str
    value_type: type

    @staticmethod
    def _of(name: str, kind: str) -> SearchAttributeKey:
        return SearchAttributeKey(name, *_INDEXED[kind])

    @staticmethod
    def of_indexed(name: str, indexed_value_type: str) -> SearchAttributeKey | None:
        """The key of the kind that payloads name, such as `Keyword`."""
        for kind, (indexed, _) in _INDEXED.items():
            if indexed == indexed_value_type:
                return SearchAttributeKey._of(name, kind)
        return None

    @staticmethod
    def for_text(name: str) -> SearchAttributeKey[str]:
        return SearchAttributeKey._of(name, "text")

    @staticmethod
    def for_keyword(name: str) -> SearchAttributeKey[str]:
        return SearchAttributeKey._of(name, "keyword")

    @staticmethod
    def for_int(name: str) -> SearchAttributeKey[int]:
        return SearchAttributeKey._of(name, "int")

    @staticmethod
    def for_float(name: str) -> SearchAttributeKey[float]:
        return SearchAttributeKey._of(name, "float")

    @staticmethod
    def for_bool(name: str) -> SearchAttributeKey[bool]:
        return SearchAttributeKey._of(name, "bool")

    @staticmethod
    def for_datetime(name: str) -> SearchAttributeKey[datetime]:
        return SearchAttributeKey._of(name, "datetime")

    @staticmethod
    def for_keyword_list(name: str) -> SearchAttributeKey[Sequence[str]]:
        return SearchAttributeKey._of(name, "keyword_list")

    def value_set(self, value: T) -> SearchAttributeUpdate[T]:
        return SearchAttributeUpdate(self, value)

    def value_unset(self) -> SearchAttributeUpdate[T]:
        return SearchAttributeUpdate(self, None)


@dataclass(frozen=True)
class SearchAttributeUpdate(Generic[T]):
    """A new value for a key; None takes the attribute away."""

    key: SearchAttributeKey[T]
    value: T | None


@dataclass(frozen=True)
class SearchAttributePair(Generic[T]):
    key: SearchAttributeKey[T]
    value: T


@dataclass(frozen=True)
class TypedSearchAttributes(Collection[SearchAttributePair]):
    search_attributes: Sequence[SearchAttributePair] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.search_attributes)

    def __iter__(self) -> Iterator[SearchAttributePair]:
        return iter(self.search_attributes)

    def __contains__(self, key: object) -> bool:
        return any(pair.key == key for pair in self.search_attributes)

    def __getitem__(self, key: SearchAttributeKey[T]) -> T:
        for pair in self.search_attributes:
            if pair.key == key:
                return pair.value
        raise KeyError(key.name)

    def get(self, key: SearchAttributeKey[T], default: Any = None) -> Any:
        return self[key] if key in self else default

    def updated(self, *pairs: SearchAttributePair) -> TypedSearchAttributes:
        names = {pair.key.name for pair in pairs}
        kept = [pair for pair in self.search_attributes if pair.key.name not in names]
        return TypedSearchAttributes((*kept, *pairs))


TypedSearchAttributes.empty = TypedSearchAttributes()  # type: ignore[attr-defined]

"""What talking to workflows can fail with."""

from __future__ import annotations

from enum import IntEnum

from .connection import HostError
from .exceptions import TemporalError


class _CausedError(TemporalError):
    _message = ""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(self._message)
        self.__cause__ = cause

    @property
    def cause(self) -> BaseException:
        return self.__cause__  # type: ignore[return-value]


class WorkflowFailureError(_CausedError):
    """The workflow did not complete; `cause` says what became of it."""

    _message = "Workflow execution failed"


class WorkflowUpdateFailedError(_CausedError):
    _message = "Workflow update failed"


class WorkflowContinuedAsNewError(TemporalError):
    def __init__(self, new_execution_run_id: str) -> None:
        super().__init__("Workflow continued as new")
        self.new_execution_run_id = new_execution_run_id


class WorkflowQueryFailedError(TemporalError):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class RPCStatusCode(IntEnum):
    INVALID_ARGUMENT = 3
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13


class RPCError(TemporalError):
    def __init__(self, message: str, status: RPCStatusCode) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def rpc_error(error: HostError) -> RPCError:
    codes = RPCStatusCode.__members__
    return RPCError(str(error), codes.get(error.kind, RPCStatusCode.INTERNAL))

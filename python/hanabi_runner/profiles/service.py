"""A program that lives long: loaded once in the restricted language, then called by the host, a frame for each tick."""

import posix
import sys

from hanabi_runner.ctx.service_context import make_service_context
from hanabi_runner.failure import Failure, describe, failure_of, format_traceback
from hanabi_runner.loader import MODULE_ROOT
from hanabi_runner.restrict.check import Refused
from hanabi_runner.restrict.worker_code import load_restricted
from hanabi_runner.wire import WireError

FUNCTIONS = ("setup", "tick", "on_error")


def serve(channel, order):
    """Never returns: ends with the process, when the host has gone or wants it so."""
    sys.path.extend(order["libraries"])
    ctx, write_line = make_service_context(channel)
    try:
        program = _load(order["entry"], ctx, write_line)
    except Failure as failure:
        channel.send(kind="failed", reason=failure.reason, message=failure.message, traceback=failure.traceback)
        posix._exit(0)
    except WireError:
        posix._exit(1)
    channel.send(kind="loaded", functions=[name for name in FUNCTIONS if name in program])
    try:
        while True:
            call = channel.receive()
            _call(channel, program, ctx, call)
    except WireError:
        posix._exit(1)


def _load(entry, ctx, write_line):
    path = f"{MODULE_ROOT}/{entry}"
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError:
        raise Failure("load", f"there is no {entry} in the package") from None
    try:
        namespace = load_restricted(source, path, ctx, write_line)
        ctx.log.flush()
    except Refused as refused:
        raise Failure("load", f"{entry}, {refused}") from None
    except WireError:
        raise
    except BaseException as error:
        raise failure_of("load", error) from None
    program = {name: namespace[name] for name in FUNCTIONS if callable(namespace.get(name))}
    if "tick" not in program:
        raise Failure("no_run", f"{entry} has no function named tick")
    return program


def _call(channel, program, ctx, call):
    try:
        program[call["name"]](ctx)
        ctx.log.flush()
    except WireError:
        raise
    except BaseException as error:
        message, traceback = describe(error), format_traceback(error)
        _tell_program(program, ctx, error)
        channel.send(kind="raised", id=call["id"], message=message[:2000], traceback=traceback)
        return
    channel.send(kind="returned", id=call["id"])


def _tell_program(program, ctx, error):
    """on_error hears of it; what it raises itself is a line in the log."""
    try:
        if "on_error" in program:
            program["on_error"](ctx, error)
        ctx.log.flush()
    except WireError:
        raise
    except BaseException as second:
        try:
            ctx.log.error(f"on_error: {describe(second)}")
            ctx.log.flush()
        except WireError:
            raise
        except BaseException:
            pass  # it cannot even be said

"""Which function of the worker file is the job, and what it takes."""

from hanabi_runner.failure import Failure, named

STREAMING = "run_streaming"
PLAIN = "run"

_WRAPPERS_MAX = 32
_VARARGS = 0x04
_Function = type(lambda: None)
_Method = type((lambda self: None).__get__(object()))


def find_entry(module, entry):
    """The function, and whether it works on folders: `run_streaming` wins where there are both."""
    found = []
    for name in (STREAMING, PLAIN):
        function = getattr(module, name, None)
        if callable(function):
            return function, name == STREAMING
        if function is not None:
            found.append(f"{named(function)} named {name}, which cannot be called")
    raise Failure("no_run", f"{entry} has {' and '.join(found) or 'no function named run or run_streaming'}")


def takes_ctx(function, given):
    """Whether it names a positional parameter beyond the `given` ones. Importing inspect would cost more than the job."""
    bound = 0
    for _ in range(_WRAPPERS_MAX):
        if isinstance(function, _Method):
            function = function.__func__
            bound += 1
        elif isinstance(function, _Function):
            code = function.__code__
            wrapped = getattr(function, "__wrapped__", None)
            if wrapped is None or not code.co_flags & _VARARGS:
                return code.co_argcount - bound > given
            # A decorator that hands on whatever it gets: what is behind it counts.
            function = wrapped
        elif hasattr(function, "func") and hasattr(function, "keywords"):
            bound += len(function.args)  # functools.partial, known by its looks
            function = function.func
        else:
            function = getattr(type(function), "__call__", None)
            if not isinstance(function, _Function):
                return False
            bound += 1
    return False

"""functools.wraps copies the attributes it is told."""


import functools
import json


class Sink:
    pass


def tick(ctx):
    sink = functools.update_wrapper(Sink(), json.dumps, assigned=("__globals__",), updated=())
    return getattr(sink, "__globals__")

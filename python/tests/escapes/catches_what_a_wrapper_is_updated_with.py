"""Or hands them to an object that pretends to have a dict."""


import functools
import json


class Dict:
    def update(self, values):
        seen.append(values)


class Sink:
    def __getattr__(self, name):
        return Dict()


seen = []


def tick(ctx):
    functools.update_wrapper(Sink(), json.dumps, assigned=(), updated=("__globals__",))
    return seen[0]

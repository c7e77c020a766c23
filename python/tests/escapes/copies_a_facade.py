"""A copy of a module may be a module."""


import copy
import json


def tick(ctx):
    copied = copy.copy(json.dumps)
    return copied.__globals__

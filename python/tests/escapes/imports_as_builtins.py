"""An import binds the name it is told."""


import math as __builtins__


def tick(ctx):
    return "escaped"

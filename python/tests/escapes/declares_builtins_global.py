"""A function can bind global names."""


def tick(ctx):
    global __builtins__
    __builtins__ = {}
    return "escaped"

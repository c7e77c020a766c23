"""The builtins stand in the globals."""


def tick(ctx):
    return __builtins__

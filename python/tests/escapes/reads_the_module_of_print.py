"""print may be replaced, and what replaced it is a function."""


def tick(ctx):
    return print.__self__ if hasattr(print, "__self__") else print.__globals__

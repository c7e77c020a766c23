"""Every function knows its module."""


def tick(ctx):
    return tick.__globals__["__builtins__"]

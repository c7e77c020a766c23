"""An f-string is code."""


def tick(ctx):
    return f"{tick.__globals__}"

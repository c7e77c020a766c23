"""The type of code objects makes code."""


def tick(ctx):
    return type(tick.__code__)

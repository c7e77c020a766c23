"""The type of a facade may be that of modules."""


def tick(ctx):
    import math

    return type(math)

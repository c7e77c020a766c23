"""Code objects are what functions are made of."""


def tick(ctx):
    return tick.__code__

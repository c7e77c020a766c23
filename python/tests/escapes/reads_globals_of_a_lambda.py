"""A lambda is a function."""


def tick(ctx):
    return (lambda: 0).__globals__

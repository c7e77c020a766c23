"""By the function."""


def tick(ctx):
    return __import__("sys")

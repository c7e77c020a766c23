"""The plain road."""


def tick(ctx):
    import os

    return os

"""Modules know who loaded them."""


def tick(ctx):
    import math

    return math.__loader__.load_module("posix")

"""Facades are shared by whole programs."""


def tick(ctx):
    import math

    math.pi = "escaped"
    return math.pi

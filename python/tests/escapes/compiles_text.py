"""Nor is compile."""


def tick(ctx):
    return compile("1", "x", "eval")

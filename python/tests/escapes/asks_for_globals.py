"""Nor is globals."""


def tick(ctx):
    return globals()

"""Nor is eval."""


def tick(ctx):
    return eval("__import__")

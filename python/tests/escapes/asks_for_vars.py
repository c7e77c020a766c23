"""Nor is vars."""


def tick(ctx):
    return vars(type("")) and "escaped"

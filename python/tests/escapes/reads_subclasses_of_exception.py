"""Exceptions are classes, too."""


def tick(ctx):
    return Exception.__subclasses__() and "escaped"

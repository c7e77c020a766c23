"""The same for one that is loaded in every Python."""


def tick(ctx):
    from collections import abc

    return abc

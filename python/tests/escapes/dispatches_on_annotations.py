"""functools.singledispatch evaluates annotations given as text."""


import functools


def tick(ctx):
    @functools.singledispatch
    def chosen(value):
        pass

    def other(value: "seen.append(__import__('os')) or int"):
        pass

    chosen.register(other)
    return seen[0]


seen = []

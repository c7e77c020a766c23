"""collections keeps sys."""


def tick(ctx):
    import collections

    return collections._sys

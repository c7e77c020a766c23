"""functools.partial keeps getattr for later."""


def tick(ctx):
    import functools

    look = functools.partial(getattr, tick)
    return look("__globals__")

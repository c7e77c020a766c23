"""cached_property shows its function as a plain attribute."""


def tick(ctx):
    import functools

    return functools.cached_property(tick).func.__globals__

"""functools.reduce walks a dotted path."""


def tick(ctx):
    import functools

    return functools.reduce(getattr, ["__class__", "__base__", "__subclasses__"], ())()

"""And can be bound there."""


__builtins__ = {"escaped": True}


def tick(ctx):
    return "escaped"

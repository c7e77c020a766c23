"""del takes names away."""


def tick(ctx):
    del tick.__doc__
    return "escaped"

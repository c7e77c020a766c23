"""Or all of it."""


def tick(ctx):
    return ctx.__dict__ and "escaped"

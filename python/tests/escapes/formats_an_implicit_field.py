"""A field without a number."""


def tick(ctx):
    return "{.__class__.__base__}".format(1)

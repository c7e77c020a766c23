"""An attribute after an index."""


def tick(ctx):
    return "{0[0].__class__.__base__}".format([1])

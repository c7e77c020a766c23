"""str.format reads attributes."""


def tick(ctx):
    return "{0.__class__.__base__}".format(1)

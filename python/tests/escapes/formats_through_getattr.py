"""As an attribute by name."""


def tick(ctx):
    return getattr("{0.__class__.__base__}", "for" + "mat")(1)

"""As a method of the class."""


def tick(ctx):
    return str.format("{0.__class__.__base__}", 1)

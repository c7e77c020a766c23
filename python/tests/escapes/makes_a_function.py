"""The type of a function makes functions, with the globals one gives it."""


def tick(ctx):
    return type(tick)

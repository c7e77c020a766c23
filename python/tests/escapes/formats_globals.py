"""And items of what it finds."""


def tick(ctx):
    return "{0.__globals__[__builtins__]}".format(tick)

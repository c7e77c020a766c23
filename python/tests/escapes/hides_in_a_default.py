"""A default is evaluated when the function is made."""


def tick(ctx, taken=(lambda: 0).__globals__):
    return taken

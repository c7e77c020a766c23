"""A parameter is a name, too."""


def tick(ctx, __hanabi_attribute__=None):
    return "escaped"

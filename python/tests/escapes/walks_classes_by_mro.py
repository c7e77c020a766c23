"""The method resolution order ends in object."""


def tick(ctx):
    return "".__class__.__mro__[-1].__subclasses__()

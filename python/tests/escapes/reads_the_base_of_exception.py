"""And their base is object."""


def tick(ctx):
    return Exception.__base__.__base__.__subclasses__()

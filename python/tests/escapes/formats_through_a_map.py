"""As a value that is called by map."""


def tick(ctx):
    return list(map("{0.__class__.__base__}".format, [1]))[0]

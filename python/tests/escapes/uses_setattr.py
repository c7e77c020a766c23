"""setattr changes any attribute of anything."""


def tick(ctx):
    return setattr

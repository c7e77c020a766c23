"""The same with a name that is put together."""


def tick(ctx):
    return getattr((x for x in ()), "gi_" + "frame")

"""The collector knows every object."""


def tick(ctx):
    import gc

    return gc.get_objects()[:1] and "escaped"

"""To talk to the memory itself."""


def tick(ctx):
    import ctypes

    return ctypes

"""The runner itself is a package."""


def tick(ctx):
    import sys

    sys.path.append("/runner")
    return sys

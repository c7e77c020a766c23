"""Functions of the standard library know modules that programs may not have."""


def tick(ctx):
    import json

    return json.dumps.__globals__

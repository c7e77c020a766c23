"""Or by their specification."""


def tick(ctx):
    import json

    return json.__spec__.loader and "escaped"

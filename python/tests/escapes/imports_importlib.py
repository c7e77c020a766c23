"""To import the rest."""


def tick(ctx):
    import importlib

    return importlib.import_module("os")

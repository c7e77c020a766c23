"""Defaults are data of whoever wrote the function."""


def tick(ctx):
    import json

    json.dumps.__kwdefaults__ = {"cls": 1}
    return "escaped"

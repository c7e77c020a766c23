"""The names of a module as a dict."""


def tick(ctx):
    import json

    return json.__dict__["codecs"]

"""A real module shows what it has imported."""


def tick(ctx):
    import json

    return json.codecs

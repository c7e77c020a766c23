"""AttributeError carries the object on which something was missing."""


def tick(ctx):
    import json

    class Trap:
        def __getattr__(self, name):
            return json.dumps.missing

    try:
        Trap().x
    except Exception as error:
        return error.obj.__globals__

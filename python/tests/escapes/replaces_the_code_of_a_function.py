"""The code of one function in another."""


def tick(ctx):
    import json

    def mine(*args, **kwargs):
        return "escaped"

    json.dumps.__code__ = mine.__code__
    return json.dumps(1)

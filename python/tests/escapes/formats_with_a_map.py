"""format_map does the same."""


def tick(ctx):
    return "{x.__class__.__mro__}".format_map({"x": 1})

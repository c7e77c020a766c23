"""hasattr runs the same code as getattr."""


def tick(ctx):
    name = "__" + "globals" + "__"
    return getattr(tick, name) if hasattr(tick, name) else None

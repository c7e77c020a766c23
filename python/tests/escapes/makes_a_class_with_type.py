"""type with three arguments makes classes with any names."""


def tick(ctx):
    made = type("Made", (), {"__reduce__": 1})
    return "escaped" if made else None

"""The class of a class is type."""


def tick(ctx):
    made = type(type(1))("Made", (), {})
    return "escaped" if made else None

"""By way of __new__."""


def tick(ctx):
    made = type(int).__new__(type(int), "Made", (), {})
    return "escaped" if made else None

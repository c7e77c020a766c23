"""A comprehension is a function of its own."""


def tick(ctx):
    return [made.gi_frame for made in [(x for x in ())]][0]

"""And its code."""


def tick(ctx):
    return (x for x in ()).gi_code

"""random keeps os under a name of its own."""


def tick(ctx):
    import random

    return random._os

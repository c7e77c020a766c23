"""import * takes what __all__ says."""


def tick(ctx):
    import re

    return re.enum

"""from looks among the loaded modules where the attribute is missing."""


def tick(ctx):
    from json import decoder

    return decoder

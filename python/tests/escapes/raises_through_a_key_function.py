"""A key function is called from inside a builtin."""


def tick(ctx):
    def key(value):
        return value.__class__.__base__.__subclasses__()

    return key(sorted([1, 2], key=lambda value: value)[0])

"""Names put together at run time are seen by no static check."""


def tick(ctx):
    under = "_" * 2
    base = getattr((), under + "class" + under)
    base = getattr(base, under + "base" + under)
    return getattr(base, under + "subclasses" + under)()

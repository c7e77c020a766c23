"""A subclass that shows the guard another text than the interpreter."""


class Text(str):
    def __str__(self):
        return "harmless"

    def __iter__(self):
        return iter("harmless")


def tick(ctx):
    return Text("{0.__class__.__base__}").format(1)

"""A metaclass of its own."""


def tick(ctx):
    class Meta(type):
        pass

    return Meta and "escaped"

"""Libraries written in C ask instances for special names."""


class Memory:
    def __getattr__(self, name):
        return "escaped"


def tick(ctx):
    return getattr(Memory(), "__array_" + "interface__")

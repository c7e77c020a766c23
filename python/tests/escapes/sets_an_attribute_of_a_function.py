"""Of a function of the runner, by way of the class."""


def other(*args):
    return "escaped"


class Mine:
    pass


def tick(ctx):
    def victim():
        pass

    victim.__setattr__("__code__", other.__code__)
    return victim()

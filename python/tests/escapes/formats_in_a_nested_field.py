"""In the specification of a field."""


class Shown:
    def __format__(self, spec):
        return spec


def tick(ctx):
    return "{0:{1.__class__.__base__}}".format(Shown(), 1)

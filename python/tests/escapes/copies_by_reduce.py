"""copy calls what __reduce_ex__ returns."""


import copy


def take(*values):
    return "escaped"


class Mine:
    def __reduce_ex__(self, protocol):
        return take, ()


def tick(ctx):
    return copy.copy(Mine())

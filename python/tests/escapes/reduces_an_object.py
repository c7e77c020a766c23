"""What pickle calls names functions of other modules."""


def tick(ctx):
    return (1).__reduce_ex__(2)[0].__globals__

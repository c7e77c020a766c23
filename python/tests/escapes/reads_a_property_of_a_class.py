"""The dict of a class has its functions bare."""


def tick(ctx):
    import statistics

    return statistics.NormalDist.__dict__["mean"].fget.__globals__

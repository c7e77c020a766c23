"""Classes written in Python have an __init__ with globals."""


def tick(ctx):
    import statistics

    return statistics.NormalDist.__init__.__globals__

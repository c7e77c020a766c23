import pandas.io.common


def tick(ctx):
    return pandas.io.common.os

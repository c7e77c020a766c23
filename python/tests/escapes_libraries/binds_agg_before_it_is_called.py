import pandas as pd


def tick(ctx):
    agg = pd.Series([1]).agg
    return repr(list(map(agg, ["__reduce__"]))) + "<class 'object'>"

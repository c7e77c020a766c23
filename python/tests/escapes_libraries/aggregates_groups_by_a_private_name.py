import pandas as pd


def tick(ctx):
    groups = pd.DataFrame({"a": [1], "b": [2]}).groupby("a")
    return repr(groups.agg({"b": "__dir__"})) + "<class 'object'>"

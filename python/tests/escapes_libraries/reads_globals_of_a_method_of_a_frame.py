import pandas as pd


def tick(ctx):
    return pd.DataFrame.head.__globals__

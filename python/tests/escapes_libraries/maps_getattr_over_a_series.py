import pandas as pd


def tick(ctx):
    return list(pd.Series([tick]).map(lambda function: getattr(function, "__globals__")))[0]

import pandas as pd


def tick(ctx):
    pd.Series([1]).agg("to_csv", 0, "/tmp/hanabi-escape.csv")
    return "escaped"

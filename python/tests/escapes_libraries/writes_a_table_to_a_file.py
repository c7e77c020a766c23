import pandas as pd


def tick(ctx):
    pd.DataFrame({"a": [1]}).to_csv("/tmp/hanabi-escape.csv")
    return "escaped"

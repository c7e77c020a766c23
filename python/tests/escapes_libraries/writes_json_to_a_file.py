import pandas as pd


def tick(ctx):
    pd.Series([1]).to_json(path_or_buf="/tmp/hanabi-escape.json")
    return "escaped"

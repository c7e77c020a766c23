import pandas as pd


def tick(ctx):
    pd.DataFrame({"a": [1]}).to_pickle("/tmp/hanabi-escape.pickle")
    return "escaped"

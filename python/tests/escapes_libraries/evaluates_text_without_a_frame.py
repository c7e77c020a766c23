import pandas as pd


def tick(ctx):
    return pd.eval("'x'.__class__.__mro__", parser="python", engine="python")

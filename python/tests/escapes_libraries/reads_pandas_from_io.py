import pandas as pd


def tick(ctx):
    return pd.io.common.os

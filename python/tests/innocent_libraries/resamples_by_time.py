import pandas as pd


def tick(ctx):
    times = pd.date_range("2026-01-01", periods=6, freq="h")
    return pd.Series(range(6), index=times).resample("3h").sum().tolist()


EXPECTED = [3, 12]

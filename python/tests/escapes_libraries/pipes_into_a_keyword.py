import pandas as pd


def tick(ctx):
    return pd.Series([1]).pipe((getattr, "name"), "__class__") or str(pd.Series([1]).pipe(getattr, "__class__").__mro__)

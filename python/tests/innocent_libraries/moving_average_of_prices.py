import pandas as pd


def tick(ctx):
    prices = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0])
    return [round(value, 2) for value in prices.rolling(2).mean().dropna()]


EXPECTED = [1.5, 2.5, 3.5, 4.5]

import pandas as pd


def tick(ctx):
    return pd.DataFrame({"a": [1]}).style.env.from_string("{{ ''.__class__.__mro__ }}").render()

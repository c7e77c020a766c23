import pandas as pd


def tick(ctx):
    made = pd.DataFrame({"a": [1]}).agg(["__reduce__", "__class__"])
    return str(made) + "<class 'object'>"

import pandas as pd


def tick(ctx):
    frame = pd.DataFrame({"a": [1], "b": [2]})
    return repr(pd.pivot_table(frame, index="a", aggfunc="__reduce__")) + "<class 'object'>"

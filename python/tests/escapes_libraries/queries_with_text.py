import pandas as pd


def tick(ctx):
    frame = pd.DataFrame({"a": ["x"]})
    return str(frame.query("a.__class__ != 1", engine="python")) and str(type(frame).query.__globals__)

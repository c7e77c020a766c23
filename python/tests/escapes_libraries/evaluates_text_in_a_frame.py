import pandas as pd


def tick(ctx):
    frame = pd.DataFrame({"a": [1]})
    return frame.eval("@open", local_dict={}, global_dict={"open": str}) or frame.eval("@pd.io.common.os", parser="pandas")

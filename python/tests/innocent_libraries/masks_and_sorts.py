import numpy as np
import pandas as pd


def tick(ctx):
    values = np.array([5, 3, 9, 1])
    frame = pd.DataFrame({"v": values}).assign(big=lambda table: table.v > 3).sort_values("v")
    return [values[values > 3].tolist(), frame[frame.big].v.tolist(), frame.describe().loc["mean", "v"]]


EXPECTED = [[5, 9], [5, 9], 4.5]

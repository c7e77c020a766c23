import numpy as np


def tick(ctx):
    return np.lib.stride_tricks.as_strided(np.arange(3), (1000,), (8,)) is not None and "escaped"

import numpy as np


def tick(ctx):
    return len(np.ndarray((10**6,), "u8", np.arange(3), 0, (0,))) and "escaped"

import numpy as np


def tick(ctx):
    return np.load("/proc/self/status", allow_pickle=True)

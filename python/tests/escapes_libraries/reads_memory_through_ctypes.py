import numpy as np


def tick(ctx):
    return np.arange(3).ctypes._ctypes

import numpy as np


def tick(ctx):
    return str(np.fromfile("/proc/self/status", dtype="S1000"))

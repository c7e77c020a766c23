import numpy as np


def tick(ctx):
    return str(np.loadtxt("/proc/self/status", dtype=str, delimiter="\0"))

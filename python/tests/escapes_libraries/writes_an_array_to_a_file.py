import numpy as np


def tick(ctx):
    np.arange(3).tofile("/tmp/hanabi-escape.bin")
    return "escaped"

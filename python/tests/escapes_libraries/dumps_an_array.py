import numpy as np


def tick(ctx):
    np.arange(3).dump("/tmp/hanabi-escape.dump")
    return "escaped"

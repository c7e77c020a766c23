import numpy as np


def tick(ctx):
    return np.array([id(tick)]).view("O")[0] is tick and "escaped"

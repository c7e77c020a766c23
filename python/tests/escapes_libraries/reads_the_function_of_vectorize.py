import numpy as np


def tick(ctx):
    return np.vectorize(abs).pyfunc.__self__

import numpy as np


def tick(ctx):
    one, other = np.random.default_rng(7), np.random.default_rng(7)
    return bool((one.integers(0, 100, 5) == other.integers(0, 100, 5)).all())


EXPECTED = True

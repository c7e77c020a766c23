from numpy.lib.npyio import os


def tick(ctx):
    return os

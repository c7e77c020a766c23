import math


def tick(ctx):
    import os

    return os, math

import pandas as pd


def tick(ctx):
    return str(pd.read_table("/proc/self/status", sep="\n", header=None))

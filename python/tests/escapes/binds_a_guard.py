"""The names of the guards belong to nobody else."""


def __hanabi_attribute__(value, name):
    return value


def tick(ctx):
    return "escaped"

"""getattr as a value, called by map."""


def tick(ctx):
    return list(map(getattr, [tick], ["__" + "globals" + "__"]))[0]

"""Identifiers are normalised: a full-width letter is the plain one."""


def tick(ctx):
    return tick.__ｇlobals__

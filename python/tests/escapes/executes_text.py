"""Nor is exec."""


def tick(ctx):
    return exec

"""With import * names come from a module unseen."""


from importlib import *


def tick(ctx):
    return import_module("os")

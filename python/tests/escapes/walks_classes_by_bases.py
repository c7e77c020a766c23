"""The bases of bool lead to int and object."""


def tick(ctx):
    return True.__class__.__bases__[0].__bases__[0].__subclasses__()

"""The function behind the class statement."""


def tick(ctx):
    return __build_class__.__self__

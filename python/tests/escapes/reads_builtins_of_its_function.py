"""Since 3.10 also by a name of its own."""


def tick(ctx):
    return tick.__builtins__

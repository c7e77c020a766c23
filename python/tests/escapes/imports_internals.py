"""What functions of C import for themselves."""


def tick(ctx):
    return __import__("_strptime")

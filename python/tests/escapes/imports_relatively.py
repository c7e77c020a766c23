"""A relative import starts from a package one can name."""


def tick(ctx):
    return __import__("os", {"__name__": "x.y", "__package__": "x"}, {}, ("path",), 0)

"""A subclass of str as the name of a module."""


def tick(ctx):
    class Name(str):
        def __eq__(self, other):
            return other == "math" or str.__eq__(self, other)

        def __hash__(self):
            return str.__hash__("math")

    return __import__(Name("os"))

"""A decorator is a call without parentheses."""


def tick(ctx):
    @(lambda function: function.__globals__)
    def taken():
        pass

    return taken

"""By way of the function of a bound method."""


def tick(ctx):
    class Mine:
        def method(self):
            pass

    return Mine().method.__func__.__globals__

"""An object can change its class."""


def tick(ctx):
    class One:
        pass

    class Two:
        pass

    one = One()
    one.__class__ = Two
    return "escaped" if isinstance(one, Two) else None

"""An augmented assignment reads before it writes."""


def tick(ctx):
    class Grab:
        def __radd__(self, other):
            grabbed.append(other)
            return other

    grabbed = []
    try:
        ().missing
    except Exception as error:
        error.obj += Grab()
    return "escaped" if grabbed == [()] else None

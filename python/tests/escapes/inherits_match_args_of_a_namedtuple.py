"""A namedtuple brings __match_args__ with the names it was given."""


def tick(ctx):
    import collections

    class Frames(collections.namedtuple("Fields", "gi_frame"), type(collections.ChainMap)("Empty", (), {})):
        pass

    made = (x for x in ())
    Frames.register(type(made))
    match made:
        case Frames(frame):
            return frame

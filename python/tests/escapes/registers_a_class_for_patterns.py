"""An abstract class takes strangers in, and its patterns read their attributes."""


def tick(ctx):
    import collections

    Fields = collections.namedtuple("Fields", "gi_frame")

    class Frames(collections.UserDict):
        pass

    Frames.__match_args__ = Fields.__match_args__
    made = (x for x in ())
    Frames.register(type(made))
    match made:
        case Frames(frame):
            return frame

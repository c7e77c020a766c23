"""Also that of a generator."""


def tick(ctx):
    made = (x for x in ())
    Kind = type(made)
    match made:
        case Kind(gi_frame=frame):
            return frame

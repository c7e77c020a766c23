"""The same with names that are put together."""


def tick(ctx):
    class Text(str):
        __match_args__ = tuple(["__cl" + "ass__"])

    match Text():
        case Text(found):
            return "escaped" if found is Text else None

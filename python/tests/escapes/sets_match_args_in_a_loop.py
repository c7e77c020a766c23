"""A class body can bind a name in many ways."""


def tick(ctx):
    class Text(str):
        for __match_args__ in [("__class__",)]:
            pass

    match Text():
        case Text(found):
            return "escaped" if found is Text else None

"""__match_args__ names attributes as data."""


def tick(ctx):
    class Text(str):
        __match_args__ = ("__class__",)

    match Text():
        case Text(found):
            return "escaped" if found is Text else None

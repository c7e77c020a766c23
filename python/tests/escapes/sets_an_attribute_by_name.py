"""object.__setattr__ takes any name."""


class Mine:
    def put(self, name, value):
        super().__setattr__(name, value)


class Other:
    pass


def tick(ctx):
    mine = Mine()
    mine.put("__cl" + "ass__", Other)
    return "escaped" if isinstance(mine, Other) else None

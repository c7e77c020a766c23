"""super takes any name."""


def tick(ctx):
    class Mine:
        def look(self):
            return super().__getattribute__("__class__").__base__

    return Mine().look()

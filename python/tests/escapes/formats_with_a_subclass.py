"""A subclass of str that calls what it inherits."""


class Text(str):
    def shown(self, value):
        return super().format(value)


def tick(ctx):
    return Text("{0.__class__.__base__}").shown(1)

"""__getattribute__ lies about every attribute."""


class Liar:
    def __getattribute__(self, name):
        return "escaped"


def tick(ctx):
    return Liar().anything

"""isinstance asks the class of the class."""


class Meta(type):
    def __instancecheck__(cls, value):
        return True


def tick(ctx):
    return "escaped"

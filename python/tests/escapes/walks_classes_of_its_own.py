"""A class of the program has object as its base."""


def tick(ctx):
    class Mine:
        pass

    return Mine.__base__.__subclasses__()

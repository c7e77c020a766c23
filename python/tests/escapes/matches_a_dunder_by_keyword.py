"""Class patterns read any attribute."""


def tick(ctx):
    match ():
        case tuple(__class__=found):
            return found.__base__

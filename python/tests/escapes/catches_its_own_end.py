"""A bare except catches what is no Exception, and its class leads on."""


def tick(ctx):
    try:
        raise Exception
    except Exception as error:
        return type(error).__base__.__base__.__subclasses__()

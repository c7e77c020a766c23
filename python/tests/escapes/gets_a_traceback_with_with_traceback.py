"""with_traceback returns the exception and takes a traceback."""


def tick(ctx):
    try:
        1 / 0
    except Exception as error:
        return error.with_traceback(None).__class__.__base__.__base__.__base__.__base__

"""Exceptions remember each other."""


def tick(ctx):
    try:
        try:
            1 / 0
        except Exception:
            raise ValueError
    except ValueError as error:
        return error.__context__.__traceback__.tb_frame

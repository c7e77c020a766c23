"""An exception leads to the frames it came through."""


def tick(ctx):
    try:
        1 / 0
    except ZeroDivisionError as error:
        return error.__traceback__.tb_frame

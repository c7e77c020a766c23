"""A coroutine has one as well."""


async def later():
    pass


def tick(ctx):
    made = later()
    frame = made.cr_frame
    made.close()
    return frame
